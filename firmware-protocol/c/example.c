/* One reading, from measurement to the bytes that are published, and what the last will looks like.
 *
 *   make example && ./build/example
 */
#include <stdio.h>

#include "hydroalert_body.h"
#include "hydroalert_frame.h"

#define DEVICE "gauge-1"

/* Comes with the registration, and lives in a secure element: never in source. This one is for show. */
static const uint8_t KEY[HA_KEY_BYTES] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a,
                                          0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15,
                                          0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f};
static uint8_t frame[HA_MAX_FRAME_BYTES];

static int show(const char *channel, const ha_header *header, size_t body_bytes)
{
    char topic[HA_TOPIC_ROOM];
    size_t frame_bytes, i;

    if (ha_topic(topic, sizeof topic, DEVICE, channel) != HA_OK ||
        ha_sign_frame(KEY, topic, header, frame, sizeof frame, body_bytes, &frame_bytes) != HA_OK) {
        return 1;
    }
    printf("%s\n%.*s\n", topic, (int)body_bytes, (const char *)frame + HA_HEADER_BYTES);
    for (i = 0; i < frame_bytes; i++) {
        printf("%02x", frame[i]);
    }
    printf("\n");
    return 0;
}

static int show_reading(void)
{
    const ha_header header = {HA_SENML_JSON, HA_FLAG_RECEIPT_WANTED, 1, 7, 0};
    ha_pack pack;

    ha_pack_begin(&pack, frame + HA_HEADER_BYTES, HA_MAX_BODY_BYTES);
    if (ha_pack_add(&pack, "level", "m", 1764311400000u, 1253, 3) != HA_OK) { /* 1.253 m, 28 November 2025, 06:30 */
        return 1;
    }
    return show("frames", &header, ha_pack_end(&pack));
}

static int show_last_will(void)
{
    const ha_header header = {HA_STATUS, 0, 1, 7, HA_LAST_WILL_SEQUENCE};
    size_t body_bytes;

    if (ha_write_status(frame + HA_HEADER_BYTES, HA_MAX_BODY_BYTES, 0, 7340033, 1764311400000u, "1.0.0", 60,
                        &body_bytes) != HA_OK) {
        return 1;
    }
    return show("status", &header, body_bytes);
}

int main(void)
{
    return show_reading() || show_last_will();
}
