#include "hydroalert_body.h"

#include <string.h>

#define RELATIVE_BELOW_MS (268435456ull * 1000ull) /* 2^28 s: SPEC 5.5 */
#define MAX_WHOLE 0x1FFFFFFFFFFFFFull              /* 2^53 - 1 */

/* Text that grows until it is full, and then says so once and for all. */
typedef struct {
    uint8_t *at;
    size_t room;
    size_t used;
    int full;
} writer;

static void put(writer *out, const char *text)
{
    size_t length = strlen(text);

    if (out->full || length > out->room - out->used) {
        out->full = 1;
        return;
    }
    memcpy(out->at + out->used, text, length);
    out->used += length;
}

/* At least `least` digits, zeros in front. */
static void put_digits(writer *out, uint64_t value, unsigned least)
{
    char text[21];
    unsigned at = sizeof text - 1, digits = 0;

    text[at] = 0;
    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
        digits++;
    } while (value > 0 || digits < least);
    put(out, text + at);
}

/* JSON has no leading point: 5 with 3 decimals is 0.005. */
static void put_fixed(writer *out, uint64_t magnitude, unsigned decimals)
{
    uint64_t unit = 1;
    unsigned i;

    for (i = 0; i < decimals; i++) {
        unit *= 10;
    }
    put_digits(out, magnitude / unit, 1);
    if (decimals > 0) {
        put(out, ".");
        put_digits(out, magnitude % unit, decimals);
    }
}

static void put_signed(writer *out, int64_t value, unsigned decimals)
{
    if (value < 0) {
        put(out, "-");
    }
    put_fixed(out, value < 0 ? 0u - (uint64_t)value : (uint64_t)value, decimals);
}

/* SPEC 5.3: [a-z][a-z0-9_]{0,31} */
static int is_code(const char *code)
{
    size_t length = 0;

    for (; code[length] != 0; length++) {
        char c = code[length];
        int later = (c >= '0' && c <= '9') || c == '_';
        if (length == 32 || !((c >= 'a' && c <= 'z') || (later && length > 0))) {
            return 0;
        }
    }
    return length > 0;
}

/* What may stand between quotes as it is. */
static int is_plain(const char *text)
{
    for (; *text != 0; text++) {
        if ((uint8_t)*text < 0x20 || *text == '"' || *text == '\\') {
            return 0;
        }
    }
    return 1;
}

void ha_pack_begin(ha_pack *pack, uint8_t *body, size_t room)
{
    pack->body = body;
    pack->room = room < HA_MAX_BODY_BYTES ? room : HA_MAX_BODY_BYTES;
    pack->used = 0;
    pack->records = 0;
}

static void put_record(writer *out, const char *code, const char *unit, uint64_t time_ms, int64_t value,
                       unsigned decimals)
{
    put(out, "{\"n\":\"");
    put(out, code);
    if (unit != NULL) {
        put(out, "\",\"u\":\"");
        put(out, unit);
    }
    put(out, "\",\"t\":");
    put_fixed(out, time_ms, 3);
    put(out, ",\"v\":");
    put_signed(out, value, decimals);
    put(out, "}");
}

ha_result ha_pack_add(ha_pack *pack, const char *code, const char *unit, uint64_t time_ms, int64_t value,
                      unsigned decimals)
{
    writer out;

    if (!is_code(code) || (unit != NULL && (*unit == 0 || !is_plain(unit))) || time_ms < RELATIVE_BELOW_MS ||
        time_ms > MAX_WHOLE || decimals > HA_MAX_DECIMALS) {
        return HA_BAD_ARGUMENT;
    }
    if (pack->records == HA_MAX_RECORDS || pack->room < 1) {
        return HA_NO_ROOM;
    }
    out.at = pack->body;
    out.room = pack->room - 1; /* for the closing bracket */
    out.used = pack->used;
    out.full = 0;
    put(&out, pack->records == 0 ? "[" : ",");
    put_record(&out, code, unit, time_ms, value, decimals);
    if (out.full) {
        return HA_NO_ROOM;
    }
    pack->used = out.used;
    pack->records++;
    return HA_OK;
}

size_t ha_pack_end(ha_pack *pack)
{
    if (pack->records == 0) {
        return 0;
    }
    pack->body[pack->used++] = ']';
    return pack->used;
}

ha_result ha_write_status(uint8_t *body, size_t room, int online, uint64_t session, uint64_t at_ms,
                          const char *firmware, uint32_t uptime_s, size_t *body_bytes)
{
    writer out;

    if (!is_plain(firmware) || session > MAX_WHOLE || at_ms > MAX_WHOLE) {
        return HA_BAD_ARGUMENT;
    }
    out.at = body;
    out.room = room < HA_MAX_BODY_BYTES ? room : HA_MAX_BODY_BYTES;
    out.used = 0;
    out.full = 0;
    put(&out, online ? "{\"status\":\"online\",\"session\":" : "{\"status\":\"offline\",\"session\":");
    put_digits(&out, session, 1);
    put(&out, ",\"at\":");
    put_digits(&out, at_ms, 1);
    put(&out, ",\"firmware\":\"");
    put(&out, firmware);
    put(&out, "\",\"uptime_s\":");
    put_digits(&out, uptime_s, 1);
    put(&out, "}");
    *body_bytes = out.used;
    return out.full ? HA_NO_ROOM : HA_OK;
}
