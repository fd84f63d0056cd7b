/* Host test: answers one line for each line on standard input, so that a script with a JSON reader can judge this
 * library by the vectors. Each byte string is put into memory of exactly its size: a sanitizer sees one byte too far.
 *
 *   hmac KEY DATA                                              -> MAC
 *   sign DEVICE CHANNEL KEY CONTENT FLAGS KEY_ID BOOT SEQ BODY -> FRAME
 *   open DEVICE CHANNEL KEY FRAME                              -> CONTENT FLAGS KEY_ID BOOT SEQ BODY
 *   receipt DEVICE KEY FRAME                                   -> BOOT AT [stored FROM TO]... [refused SEQ WORD]...
 *   header FRAME                                               -> KEY_ID
 *   pack ROOM [CODE UNIT TIME_MS VALUE DECIMALS]...            -> BODY and how many records it took
 *   status ROOM ONLINE SESSION AT_MS FIRMWARE UPTIME_S         -> BODY
 *
 * Bytes are hex, none is "-". A refusal is answered by its word, an unknown line by "what?".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hydroalert_body.h"
#include "hydroalert_frame.h"
#include "hydroalert_receipt.h"

#define LINE_ROOM 262144

typedef struct {
    uint8_t *at;
    size_t length;
} bytes;

static char line[LINE_ROOM];

static char *word(void)
{
    char *found = strtok(NULL, " \n");

    return found != NULL ? found : line + strlen(line);
}

static uint64_t number(void)
{
    return strtoull(word(), NULL, 10);
}

static bytes exactly(size_t length)
{
    bytes made;

    made.length = length;
    made.at = malloc(length > 0 ? length : 1);
    if (made.at == NULL) {
        abort();
    }
    return made;
}

static bytes unhex(void)
{
    const char *text = word();
    bytes made = exactly(strcmp(text, "-") == 0 ? 0 : strlen(text) / 2);
    size_t i;

    for (i = 0; i < made.length; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], 0};
        made.at[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return made;
}

static void print_hex(const uint8_t *at, size_t length)
{
    size_t i;

    for (i = 0; i < length; i++) {
        printf("%02x", at[i]);
    }
    if (length == 0) {
        printf("-");
    }
}

static void answer_hmac(void)
{
    bytes key = unhex(), data = unhex();
    uint8_t mac[32];

    ha_hmac_sha256(key.at, key.length, data.at, data.length, mac);
    print_hex(mac, sizeof mac);
    free(key.at);
    free(data.at);
}

static ha_result read_topic(char *topic, const char *channel)
{
    const char *device = word();

    return ha_topic(topic, HA_TOPIC_ROOM, device, channel != NULL ? channel : word());
}

static void answer_sign(void)
{
    char topic[HA_TOPIC_ROOM];
    ha_result result = read_topic(topic, NULL);
    bytes key = unhex(), body, frame;
    size_t frame_bytes = 0;
    ha_header header;

    header.content = (uint8_t)number();
    header.flags = (uint8_t)number();
    header.key_id = (uint8_t)number();
    header.boot = (uint32_t)number();
    header.sequence = (uint32_t)number();
    body = unhex();
    frame = exactly(HA_HEADER_BYTES + body.length + HA_TAG_BYTES);
    memcpy(frame.at + HA_HEADER_BYTES, body.at, body.length);
    if (result == HA_OK) {
        result = ha_sign_frame(key.at, topic, &header, frame.at, frame.length, body.length, &frame_bytes);
    }
    if (result == HA_OK) {
        print_hex(frame.at, frame_bytes);
    } else {
        printf("%s", ha_word(result));
    }
    free(key.at);
    free(body.at);
    free(frame.at);
}

static void answer_open(void)
{
    char topic[HA_TOPIC_ROOM];
    ha_result result = read_topic(topic, NULL);
    bytes key = unhex(), frame = unhex();
    size_t body_bytes = 0;
    ha_header h;

    if (result == HA_OK) {
        result = ha_verify_frame(key.at, topic, frame.at, frame.length, &h, &body_bytes);
    }
    if (result == HA_OK) {
        printf("%u %u %u %lu %lu ", h.content, h.flags, h.key_id, (unsigned long)h.boot, (unsigned long)h.sequence);
        print_hex(frame.at + HA_HEADER_BYTES, body_bytes);
    } else {
        printf("%s", ha_word(result));
    }
    free(key.at);
    free(frame.at);
}

static void answer_receipt(void)
{
    char topic[HA_TOPIC_ROOM], reason[HA_REASON_ROOM];
    ha_result result = read_topic(topic, "receipts");
    bytes key = unhex(), frame = unhex();
    uint32_t first, last;
    ha_receipt receipt;

    if (result == HA_OK) {
        result = ha_open_receipt(key.at, topic, frame.at, frame.length, &receipt);
    }
    if (result == HA_OK) {
        printf("%lu %llu", (unsigned long)receipt.boot, (unsigned long long)receipt.at_ms);
        while (ha_next_stored(&receipt, &first, &last)) {
            printf(" stored %lu %lu", (unsigned long)first, (unsigned long)last);
        }
        while (ha_next_refused(&receipt, &first, reason)) {
            printf(" refused %lu %s", (unsigned long)first, reason);
        }
    } else {
        printf("%s", ha_word(result));
    }
    free(key.at);
    free(frame.at);
}

static void answer_header(void)
{
    bytes frame = unhex();
    ha_header header;
    ha_result result = ha_read_header(frame.at, frame.length, &header);

    if (result == HA_OK) {
        printf("%u", header.key_id);
    } else {
        printf("%s", ha_word(result));
    }
    free(frame.at);
}

static void answer_pack(void)
{
    bytes body = exactly((size_t)number());
    ha_result result = HA_OK;
    ha_pack pack;
    size_t length;
    char *code;

    ha_pack_begin(&pack, body.at, body.length);
    while (result == HA_OK && *(code = word()) != 0) {
        char *unit = word();
        uint64_t time_ms = number();
        int64_t value = (int64_t)strtoll(word(), NULL, 10);
        result = ha_pack_add(&pack, code, strcmp(unit, "-") == 0 ? NULL : unit, time_ms, value, (unsigned)number());
    }
    if (result == HA_BAD_ARGUMENT) {
        printf("%s", ha_word(result));
    } else {
        length = ha_pack_end(&pack);
        print_hex(body.at, length);
        printf(" %u", pack.records);
    }
    free(body.at);
}

static void answer_status(void)
{
    bytes body = exactly((size_t)number());
    int online = number() != 0;
    uint64_t session = number(), at_ms = number();
    const char *firmware = word();
    size_t body_bytes = 0;
    ha_result result =
        ha_write_status(body.at, body.length, online, session, at_ms, firmware, (uint32_t)number(), &body_bytes);

    if (result == HA_OK) {
        print_hex(body.at, body_bytes);
    } else {
        printf("%s", ha_word(result));
    }
    free(body.at);
}

int main(void)
{
    static const struct {
        const char *name;
        void (*answer)(void);
    } commands[] = {{"hmac", answer_hmac},       {"sign", answer_sign},     {"open", answer_open},
                    {"receipt", answer_receipt}, {"header", answer_header}, {"pack", answer_pack},
                    {"status", answer_status}};
    const size_t count = sizeof commands / sizeof commands[0];

    while (fgets(line, sizeof line, stdin) != NULL) {
        const char *name = strtok(line, " \n");
        size_t i = 0;
        while (i < count && (name == NULL || strcmp(name, commands[i].name) != 0)) {
            i++;
        }
        if (i < count) {
            commands[i].answer();
        } else {
            printf("what?");
        }
        printf("\n");
        fflush(stdout);
    }
    return 0;
}
