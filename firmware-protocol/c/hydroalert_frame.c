#include "hydroalert_frame.h"

#include <string.h>

#ifdef HA_SHA256_HEADER
#include HA_SHA256_HEADER
#else
#include "sha256.h"
#endif

#define DIGEST_BYTES 32
#define BLOCK_BYTES 64
#define INNER_PAD 0x36
#define OUTER_PAD 0x5c

typedef struct {
    ha_sha256 hash;
    uint8_t key_block[BLOCK_BYTES];
} hmac;

/* A compiler may drop a memset before the end of a variable's life; not a write through volatile. */
static void wipe(void *memory, size_t bytes)
{
    volatile uint8_t *at = memory;

    while (bytes-- > 0) {
        *at++ = 0;
    }
}

static void hash_padded_key(hmac *mac, uint8_t pad)
{
    unsigned i;

    for (i = 0; i < BLOCK_BYTES; i++) {
        mac->key_block[i] ^= pad;
    }
    ha_sha256_begin(&mac->hash);
    ha_sha256_add(&mac->hash, mac->key_block, BLOCK_BYTES);
    for (i = 0; i < BLOCK_BYTES; i++) {
        mac->key_block[i] ^= pad;
    }
}

static void hmac_begin(hmac *mac, const uint8_t *key, size_t key_bytes)
{
    memset(mac->key_block, 0, BLOCK_BYTES);
    if (key_bytes > BLOCK_BYTES) { /* RFC 2104, section 2: a longer key is hashed first */
        ha_sha256_begin(&mac->hash);
        ha_sha256_add(&mac->hash, key, key_bytes);
        ha_sha256_end(&mac->hash, mac->key_block);
    } else {
        memcpy(mac->key_block, key, key_bytes);
    }
    hash_padded_key(mac, INNER_PAD);
}

static void hmac_end(hmac *mac, uint8_t digest[DIGEST_BYTES])
{
    ha_sha256_end(&mac->hash, digest);
    hash_padded_key(mac, OUTER_PAD);
    ha_sha256_add(&mac->hash, digest, DIGEST_BYTES);
    ha_sha256_end(&mac->hash, digest);
    wipe(mac, sizeof *mac);
}

void ha_hmac_sha256(const uint8_t *key, size_t key_bytes, const uint8_t *data, size_t data_bytes, uint8_t mac[32])
{
    hmac working;

    hmac_begin(&working, key, key_bytes);
    ha_sha256_add(&working.hash, data, data_bytes);
    hmac_end(&working, mac);
}

/* SPEC 3.1: the topic, one zero byte (its own terminator), and all of the frame before the tag. */
static void make_tag(const uint8_t *key, const char *topic, const uint8_t *frame, size_t signed_bytes,
                     uint8_t digest[DIGEST_BYTES])
{
    hmac working;

    hmac_begin(&working, key, HA_KEY_BYTES);
    ha_sha256_add(&working.hash, (const uint8_t *)topic, strlen(topic) + 1);
    ha_sha256_add(&working.hash, frame, signed_bytes);
    hmac_end(&working, digest);
}

/* SPEC 3.3: as long for the first byte that differs as for the last. */
static int differ(const uint8_t *a, const uint8_t *b, size_t bytes)
{
    uint8_t difference = 0;
    size_t i;

    for (i = 0; i < bytes; i++) {
        difference = (uint8_t)(difference | (a[i] ^ b[i]));
    }
    return difference != 0;
}

static void write_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

static uint32_t read_u32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

const char *ha_word(ha_result result)
{
    static const char *const words[] = {"ok",      "unsupported_version", "malformed", "unsupported_content",
                                        "bad_tag", "bad_body",            "no_room",   "bad_argument"};

    return (unsigned)result < sizeof words / sizeof words[0] ? words[result] : "unknown";
}

/* SPEC 1.2: [a-z0-9][a-z0-9-]{0,62} */
static int is_device(const char *device)
{
    size_t length = 0;

    for (; device[length] != 0; length++) {
        char c = device[length];
        int plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (length == 63 || !(plain || (c == '-' && length > 0))) {
            return 0;
        }
    }
    return length > 0;
}

ha_result ha_topic(char *topic, size_t room, const char *device, const char *channel)
{
    const char *const parts[] = {"hydroalert/v1/devices/", device, "/", channel};
    size_t used = 0;
    unsigned i;

    if (!is_device(device)) {
        return HA_BAD_ARGUMENT;
    }
    for (i = 0; i < 4; i++) {
        size_t length = strlen(parts[i]);
        if (used + length + 1 > room) {
            return HA_NO_ROOM;
        }
        memcpy(topic + used, parts[i], length + 1);
        used += length;
    }
    return HA_OK;
}

ha_result ha_sign_frame(const uint8_t key[HA_KEY_BYTES], const char *topic, const ha_header *header, uint8_t *frame,
                        size_t room, size_t body_bytes, size_t *frame_bytes)
{
    uint8_t digest[DIGEST_BYTES];

    if (body_bytes < 1 || body_bytes > HA_MAX_BODY_BYTES || (header->flags & ~HA_FLAG_RECEIPT_WANTED) != 0) {
        return HA_BAD_ARGUMENT;
    }
    if (room < HA_HEADER_BYTES + body_bytes + HA_TAG_BYTES) {
        return HA_NO_ROOM;
    }
    frame[0] = HA_VERSION;
    frame[1] = header->content;
    frame[2] = header->flags;
    frame[3] = header->key_id;
    write_u32(frame + 4, header->boot);
    write_u32(frame + 8, header->sequence);
    make_tag(key, topic, frame, HA_HEADER_BYTES + body_bytes, digest);
    memcpy(frame + HA_HEADER_BYTES + body_bytes, digest, HA_TAG_BYTES);
    *frame_bytes = HA_HEADER_BYTES + body_bytes + HA_TAG_BYTES;
    return HA_OK;
}

ha_result ha_read_header(const uint8_t *frame, size_t frame_bytes, ha_header *header)
{
    if (frame_bytes > 0 && frame[0] != HA_VERSION) {
        return HA_UNSUPPORTED_VERSION;
    }
    if (frame_bytes < HA_MIN_FRAME_BYTES || frame_bytes > HA_MAX_FRAME_BYTES) {
        return HA_MALFORMED;
    }
    header->content = frame[1];
    header->flags = frame[2];
    header->key_id = frame[3];
    header->boot = read_u32(frame + 4);
    header->sequence = read_u32(frame + 8);
    return (header->flags & ~HA_FLAG_RECEIPT_WANTED) != 0 ? HA_MALFORMED : HA_OK;
}

ha_result ha_verify_frame(const uint8_t key[HA_KEY_BYTES], const char *topic, const uint8_t *frame, size_t frame_bytes,
                          ha_header *header, size_t *body_bytes)
{
    uint8_t digest[DIGEST_BYTES];
    ha_result result = ha_read_header(frame, frame_bytes, header);

    if (result != HA_OK) {
        return result;
    }
    make_tag(key, topic, frame, frame_bytes - HA_TAG_BYTES, digest);
    if (differ(digest, frame + frame_bytes - HA_TAG_BYTES, HA_TAG_BYTES)) {
        return HA_BAD_TAG;
    }
    *body_bytes = frame_bytes - HA_HEADER_BYTES - HA_TAG_BYTES;
    return HA_OK;
}
