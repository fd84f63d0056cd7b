#include "hydroalert_json.h"

#include <string.h>

static int peek(const ha_json *json)
{
    return json->at < json->end ? *json->at : -1;
}

static int is_digit(int c)
{
    return c >= '0' && c <= '9';
}

void ha_json_space(ha_json *json)
{
    int c = peek(json);

    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        json->at++;
        c = peek(json);
    }
}

int ha_json_take(ha_json *json, char wanted)
{
    ha_json_space(json);
    if (peek(json) != (uint8_t)wanted) {
        return 0;
    }
    json->at++;
    return 1;
}

static int take_word(ha_json *json, const char *word)
{
    size_t length = strlen(word);

    if ((size_t)(json->end - json->at) < length || memcmp(json->at, word, length) != 0) {
        return 0;
    }
    json->at += length;
    return 1;
}

static int take_digits(ha_json *json)
{
    if (!is_digit(peek(json))) {
        return 0;
    }
    while (is_digit(peek(json))) {
        json->at++;
    }
    return 1;
}

/* RFC 8259, section 6. `*plain` is cleared by a fraction or an exponent. */
static int take_number(ha_json *json, int *plain)
{
    *plain = 1;
    if (peek(json) == '-') {
        json->at++;
    }
    if (peek(json) == '0') {
        json->at++;
    } else if (!take_digits(json)) {
        return 0;
    }
    if (peek(json) == '.') {
        *plain = 0;
        json->at++;
        if (!take_digits(json)) {
            return 0;
        }
    }
    if (peek(json) == 'e' || peek(json) == 'E') {
        *plain = 0;
        json->at++;
        if (peek(json) == '+' || peek(json) == '-') {
            json->at++;
        }
        return take_digits(json);
    }
    return 1;
}

int ha_json_whole(ha_json *json, uint64_t most, uint64_t *value)
{
    const uint8_t *digit;
    int plain;

    ha_json_space(json);
    digit = json->at;
    if (!take_number(json, &plain) || !plain) {
        return 0;
    }
    *value = 0;
    for (; digit < json->at; digit++) {
        unsigned number = *digit == '-' ? 0u : (unsigned)(*digit - '0');
        if (*digit == '-' && !(json->at - digit == 2 && digit[1] == '0')) {
            return 0; /* below zero; "-0" is zero */
        }
        if (*value > (most - number) / 10) {
            return 0;
        }
        *value = *value * 10 + number;
    }
    return 1;
}

/* Length of the UTF-8 sequence at `at`, 0 where it is none (RFC 3629: no overlong form, no half of a pair). */
static size_t utf8_length(const uint8_t *at, const uint8_t *end)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = at[0] < 0x80 ? 1 : at[0] < 0xC0 ? 0 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : at[0] < 0xF8 ? 4 : 0;
    uint32_t letter = length > 1 ? at[0] & (0x7Fu >> length) : at[0];
    size_t i;

    if (length == 0 || (size_t)(end - at) < length) {
        return 0;
    }
    for (i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            return 0;
        }
        letter = letter << 6 | (at[i] & 0x3Fu);
    }
    return letter < least[length] || letter > 0x10FFFF || (letter >= 0xD800 && letter < 0xE000) ? 0 : length;
}

static int hex_value(int c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Take what follows a backslash. Letters beyond ASCII come back as '?': no name of a receipt holds one. */
static int take_escape(ha_json *json)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    int c = peek(json), letter = 0, i;
    const char *found = c > 0 && c != 'u' ? memchr(letters, c, sizeof letters - 1) : NULL;

    if (found != NULL) {
        json->at++;
        return (uint8_t)meanings[found - letters];
    }
    if (c != 'u' || json->end - json->at < 5) {
        return -1;
    }
    for (i = 1; i <= 4; i++) {
        int digit = hex_value(json->at[i]);
        if (digit < 0) {
            return -1;
        }
        letter = letter * 16 + digit;
    }
    json->at += 5;
    return letter < 0x80 ? letter : '?';
}

int ha_json_text(ha_json *json, char *text, size_t room, int *whole)
{
    size_t used = 0;

    *whole = 1;
    if (!ha_json_take(json, '"')) {
        return 0;
    }
    while (peek(json) != '"') {
        uint8_t escaped;
        const uint8_t *from = json->at;
        size_t length = peek(json) < 0x20 ? 0 : utf8_length(json->at, json->end);
        if (length == 0) {
            return 0; /* the end, a control character, or not UTF-8 */
        }
        json->at += length;
        if (*from == '\\') {
            int letter = take_escape(json);
            if (letter < 0) {
                return 0;
            }
            escaped = (uint8_t)letter;
            from = &escaped;
        }
        if (*from == 0 || used + length >= room) {
            *whole = 0;
        }
        if (*whole) {
            memcpy(text + used, from, length);
            used += length;
        }
    }
    json->at++;
    if (room > 0) {
        text[used] = 0;
    }
    return 1;
}

static int skip_scalar(ha_json *json)
{
    int plain;

    switch (peek(json)) {
    case '"':
        return ha_json_text(json, NULL, 0, &plain);
    case 't':
        return take_word(json, "true");
    case 'f':
        return take_word(json, "false");
    case 'n':
        return take_word(json, "null");
    default:
        return take_number(json, &plain);
    }
}

static int skip_name(ha_json *json)
{
    int whole;

    return ha_json_text(json, NULL, 0, &whole) && ha_json_take(json, ':');
}

/* Which of the containers around the reader are objects: one bit a level, the innermost lowest. No recursion. */
typedef struct {
    uint64_t objects;
    unsigned inside;
} nesting;

static int take_close(ha_json *json, nesting *nest)
{
    if (!ha_json_take(json, (nest->objects & 1) ? '}' : ']')) {
        return 0;
    }
    nest->objects >>= 1;
    nest->inside--;
    return 1;
}

/* Behind an item: close what closes here, and pass on to where the next item begins. */
static int next_item(ha_json *json, nesting *nest)
{
    while (nest->inside > 0 && !ha_json_take(json, ',')) {
        if (!take_close(json, nest)) {
            return 0;
        }
    }
    return nest->inside == 0 || (nest->objects & 1) == 0 || skip_name(json);
}

/* At a bracket: go in, to where the first item begins, or past an empty container. */
static int enter(ha_json *json, nesting *nest, unsigned depth)
{
    int is_object = peek(json) == '{';

    nest->inside++;
    if (depth + nest->inside > HA_JSON_MAX_DEPTH) {
        return 0;
    }
    nest->objects = nest->objects << 1 | (uint64_t)is_object;
    json->at++;
    if (take_close(json, nest)) {
        return next_item(json, nest);
    }
    return !is_object || skip_name(json);
}

int ha_json_skip(ha_json *json, unsigned depth)
{
    nesting nest = {0, 0};

    do {
        int is_container;
        ha_json_space(json);
        is_container = peek(json) == '{' || peek(json) == '[';
        if (is_container ? !enter(json, &nest, depth) : !(skip_scalar(json) && next_item(json, &nest))) {
            return 0;
        }
    } while (nest.inside > 0);
    return 1;
}
