#include "hydroalert_receipt.h"

#include <string.h>

#include "hydroalert_json.h"

#define MAX_U32 0xFFFFFFFFu
#define MAX_UNIX_MS 0x1FFFFFFFFFFFFFu /* 2^53 - 1 */
#define NAME_ROOM 8                   /* "refused" is the longest that counts */

enum { SEEN_BOOT = 1, SEEN_AT = 2, SEEN_STORED = 4, SEEN_REFUSED = 8, SEEN_ALL = 15 };

static int take_u32(ha_json *json, uint32_t *value)
{
    uint64_t wide;

    if (!ha_json_whole(json, MAX_U32, &wide)) {
        return 0;
    }
    *value = (uint32_t)wide;
    return 1;
}

static int take_range(ha_json *json, uint32_t *first, uint32_t *last)
{
    return ha_json_take(json, '[') && take_u32(json, first) && ha_json_take(json, ',') && take_u32(json, last) &&
           ha_json_take(json, ']') && *first <= *last;
}

static int take_refusal(ha_json *json, uint32_t *sequence, char *reason)
{
    int whole;

    return ha_json_take(json, '[') && take_u32(json, sequence) && ha_json_take(json, ',') &&
           ha_json_text(json, reason, HA_REASON_ROOM, &whole) && ha_json_take(json, ']');
}

static int take_item(ha_json *json, unsigned field)
{
    char reason[HA_REASON_ROOM];
    uint32_t first, last;

    return field == SEEN_STORED ? take_range(json, &first, &last) : take_refusal(json, &first, reason);
}

/* An array of ranges or refusals; `*items` is where its first item stands. */
static int take_list(ha_json *json, unsigned field, const uint8_t **items)
{
    if (!ha_json_take(json, '[')) {
        return 0;
    }
    *items = json->at;
    if (ha_json_take(json, ']')) {
        return 1;
    }
    do {
        if (!take_item(json, field)) {
            return 0;
        }
    } while (ha_json_take(json, ','));
    return ha_json_take(json, ']');
}

static unsigned field_of(const char *name)
{
    static const char *const names[] = {"boot", "at", "stored", "refused"};
    unsigned i;

    for (i = 0; i < 4; i++) {
        if (strcmp(name, names[i]) == 0) {
            return 1u << i;
        }
    }
    return 0;
}

static int take_known(ha_json *json, unsigned field, ha_receipt *receipt)
{
    switch (field) {
    case SEEN_BOOT:
        return take_u32(json, &receipt->boot);
    case SEEN_AT:
        return ha_json_whole(json, MAX_UNIX_MS, &receipt->at_ms);
    case SEEN_STORED:
        return take_list(json, field, &receipt->stored);
    default:
        return take_list(json, field, &receipt->refused);
    }
}

/* Of a duplicate name the last counts: an earlier value need only be JSON. */
static int take_field(ha_json *json, ha_receipt *receipt, unsigned *seen)
{
    char name[NAME_ROOM];
    unsigned field;
    int whole;
    ha_json value;

    if (!ha_json_text(json, name, sizeof name, &whole) || !ha_json_take(json, ':')) {
        return 0;
    }
    value = *json;
    field = whole ? field_of(name) : 0;
    if (!ha_json_skip(json, 1)) {
        return 0;
    }
    *seen &= ~field;
    if (field != 0 && take_known(&value, field, receipt) && value.at == json->at) {
        *seen |= field;
    }
    return 1;
}

ha_result ha_parse_receipt(const uint8_t *body, size_t body_bytes, ha_receipt *receipt)
{
    ha_json json;
    unsigned seen = 0;

    json.at = body;
    json.end = body + body_bytes;
    receipt->end = json.end;
    if (!ha_json_take(&json, '{')) {
        return HA_BAD_BODY;
    }
    if (!ha_json_take(&json, '}')) {
        do {
            if (!take_field(&json, receipt, &seen)) {
                return HA_BAD_BODY;
            }
        } while (ha_json_take(&json, ','));
        if (!ha_json_take(&json, '}')) {
            return HA_BAD_BODY;
        }
    }
    ha_json_space(&json);
    return json.at == json.end && seen == SEEN_ALL ? HA_OK : HA_BAD_BODY;
}

int ha_next_stored(ha_receipt *receipt, uint32_t *first, uint32_t *last)
{
    ha_json json;

    json.at = receipt->stored;
    json.end = receipt->end;
    if (!take_range(&json, first, last)) {
        return 0;
    }
    (void)ha_json_take(&json, ',');
    receipt->stored = json.at;
    return 1;
}

int ha_next_refused(ha_receipt *receipt, uint32_t *sequence, char reason[HA_REASON_ROOM])
{
    ha_json json;

    json.at = receipt->refused;
    json.end = receipt->end;
    if (!take_refusal(&json, sequence, reason)) {
        return 0;
    }
    (void)ha_json_take(&json, ',');
    receipt->refused = json.at;
    return 1;
}

ha_result ha_open_receipt(const uint8_t key[HA_KEY_BYTES], const char *topic, const uint8_t *frame, size_t frame_bytes,
                          ha_receipt *receipt)
{
    ha_header header;
    size_t body_bytes;
    ha_result result = ha_verify_frame(key, topic, frame, frame_bytes, &header, &body_bytes);

    if (result != HA_OK) {
        return result;
    }
    if (header.content != HA_RECEIPT) {
        return HA_UNSUPPORTED_CONTENT;
    }
    result = ha_parse_receipt(frame + HA_HEADER_BYTES, body_bytes, receipt);
    if (result == HA_OK && (header.flags != 0 || header.sequence != 0 || header.boot != receipt->boot)) {
        result = HA_BAD_BODY;
    }
    return result;
}
