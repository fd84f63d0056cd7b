/* Bodies: SenML packs of fixed-point decimals, and statuses, written without printf (SPEC 5 and 6). */
#ifndef HYDROALERT_BODY_H
#define HYDROALERT_BODY_H

#include "hydroalert_frame.h"

#define HA_MAX_RECORDS 512
#define HA_MAX_DECIMALS 9

/* A pack that is being written, usually at frame + HA_HEADER_BYTES. */
typedef struct {
    uint8_t *body;
    size_t room;
    size_t used;
    unsigned records;
} ha_pack;

/* Begin a pack in `room` bytes; of more than HA_MAX_BODY_BYTES only that many are used. */
void ha_pack_begin(ha_pack *pack, uint8_t *body, size_t room);

/* Add one reading: `value` with `decimals` of its digits behind the point, so 1253 and 3 are 1.253. `unit` may be NULL:
 * the datastream's own. HA_NO_ROOM: this pack is full and stays as it was; begin the next. */
ha_result ha_pack_add(ha_pack *pack, const char *code, const char *unit, uint64_t time_ms, int64_t value,
                      unsigned decimals);

/* Close the pack; the bytes of the body, 0 where nothing was added. */
size_t ha_pack_end(ha_pack *pack);

/* Write a status (SPEC 6.1); `firmware` holds neither quotes, backslashes nor control characters. */
ha_result ha_write_status(uint8_t *body, size_t room, int online, uint64_t session, uint64_t at_ms,
                          const char *firmware, uint32_t uptime_s, size_t *body_bytes);

#endif
