/* The body of a receipt, read without allocating (SPEC 7). Only a body whose tag was good may come here. */
#ifndef HYDROALERT_RECEIPT_H
#define HYDROALERT_RECEIPT_H

#include "hydroalert_frame.h"

#define HA_REASON_ROOM 32

/* Points into the body: keep the body as long as this. */
typedef struct {
    uint32_t boot;
    uint64_t at_ms;
    const uint8_t *stored;  /* where the next range begins */
    const uint8_t *refused; /* where the next refusal begins */
    const uint8_t *end;
} ha_receipt;

/* HA_OK where every rule of SPEC 7.2 holds, else HA_BAD_BODY; also where values nest deeper than 64 levels. */
ha_result ha_parse_receipt(const uint8_t *body, size_t body_bytes, ha_receipt *receipt);

/* Take the next range, both ends in it; 0 when there is none left. */
int ha_next_stored(ha_receipt *receipt, uint32_t *first, uint32_t *last);

/* Take the next refusal; 0 when there is none left. A reason that does not fit is cut. */
int ha_next_refused(ha_receipt *receipt, uint32_t *sequence, char reason[HA_REASON_ROOM]);

/* The whole of SPEC 7.4 but the choice of the key, for which ha_read_header gives the id. */
ha_result ha_open_receipt(const uint8_t key[HA_KEY_BYTES], const char *topic, const uint8_t *frame, size_t frame_bytes,
                          ha_receipt *receipt);

#endif
