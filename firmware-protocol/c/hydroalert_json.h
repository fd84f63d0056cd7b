/* As much of a JSON reader (RFC 8259) as a receipt needs: strict, bounded, one pass, nothing allocated. */
#ifndef HYDROALERT_JSON_H
#define HYDROALERT_JSON_H

#include <stddef.h>
#include <stdint.h>

#define HA_JSON_MAX_DEPTH 64

typedef struct {
    const uint8_t *at;
    const uint8_t *end;
} ha_json;

/* Pass white space. */
void ha_json_space(ha_json *json);

/* Take one character behind white space; 0 where another stands there. */
int ha_json_take(ha_json *json, char wanted);

/* Take a string of valid UTF-8 and decode it, cut to `room` with its zero; 0 where there is none. A string with a NUL
 * or one that was cut equals no name. */
int ha_json_text(ha_json *json, char *text, size_t room, int *whole);

/* Take an integer without fraction or exponent, 0 to `most`; 0 where there is none. */
int ha_json_whole(ha_json *json, uint64_t most, uint64_t *value);

/* Pass any one value, at `depth` levels inside the body; 0 where it is not JSON, or too deep. */
int ha_json_skip(ha_json *json, unsigned depth);

#endif
