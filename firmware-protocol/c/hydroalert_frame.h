/* HydroAlert frame v1: build, sign, verify (SPEC 2 and 3). C99; no malloc; of libc only memcpy and its like. */
#ifndef HYDROALERT_FRAME_H
#define HYDROALERT_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define HA_VERSION 1
#define HA_KEY_BYTES 32
#define HA_HEADER_BYTES 12
#define HA_TAG_BYTES 16
#define HA_MAX_BODY_BYTES 4096
#define HA_MIN_FRAME_BYTES (HA_HEADER_BYTES + 1 + HA_TAG_BYTES)
#define HA_MAX_FRAME_BYTES (HA_HEADER_BYTES + HA_MAX_BODY_BYTES + HA_TAG_BYTES)
#define HA_FLAG_RECEIPT_WANTED 0x01
#define HA_LAST_WILL_SEQUENCE 0xFFFFFFFFu
/* "hydroalert/v1/devices/" + 63 + "/receipts" + the terminating zero */
#define HA_TOPIC_ROOM 96

typedef enum {
    HA_SENML_JSON = 0,
    HA_SENML_CBOR = 1,
    HA_STATUS = 2,
    HA_RECEIPT = 16,
    HA_COMMAND = 17
} ha_content;

typedef enum {
    HA_OK = 0,
    HA_UNSUPPORTED_VERSION,
    HA_MALFORMED,
    HA_UNSUPPORTED_CONTENT,
    HA_BAD_TAG,
    HA_BAD_BODY,
    HA_NO_ROOM,     /* the buffer given is too small: nothing usable was written */
    HA_BAD_ARGUMENT /* a device code, field, code or unit that the contract does not allow */
} ha_result;

/* The fixed part behind the version byte (SPEC 2.1). */
typedef struct {
    uint8_t content;
    uint8_t flags;
    uint8_t key_id;
    uint32_t boot;
    uint32_t sequence;
} ha_header;

/* The refusal word of a result (SPEC 8.1), for a log line. */
const char *ha_word(ha_result result);

/* Write "hydroalert/v1/devices/{device}/{channel}" and a zero (SPEC 1.1). */
ha_result ha_topic(char *topic, size_t room, const char *device, const char *channel);

/* Make a frame of a body that already stands at frame + HA_HEADER_BYTES: the fixed part is written before it, the tag
 * behind it. Nothing is copied. `room` is the size of `frame`, and must hold the body and 28 bytes more. */
ha_result ha_sign_frame(const uint8_t key[HA_KEY_BYTES], const char *topic, const ha_header *header, uint8_t *frame,
                        size_t room, size_t body_bytes, size_t *frame_bytes);

/* Read the fixed part of a frame whose tag is not known to be good yet: enough to choose the key (SPEC 2.4). */
ha_result ha_read_header(const uint8_t *frame, size_t frame_bytes, ha_header *header);

/* Judge layout and tag; on HA_OK the body is the `body_bytes` at frame + HA_HEADER_BYTES. Parse it only then. */
ha_result ha_verify_frame(const uint8_t key[HA_KEY_BYTES], const char *topic, const uint8_t *frame, size_t frame_bytes,
                          ha_header *header, size_t *body_bytes);

/* HMAC-SHA-256 (RFC 2104) with a key of any length, for RFC 4231's test cases. */
void ha_hmac_sha256(const uint8_t *key, size_t key_bytes, const uint8_t *data, size_t data_bytes, uint8_t mac[32]);

#endif
