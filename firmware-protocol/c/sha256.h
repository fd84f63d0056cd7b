/* SHA-256 (FIPS 180-4) in software.
 *
 * To use the hardware's instead, compile with -DHA_SHA256_HEADER='"my_sha256.h"': a header that defines the type
 * ha_sha256 and the three functions below, and leave sha256.c out.
 */
#ifndef HYDROALERT_SHA256_H
#define HYDROALERT_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define HA_SHA256_BYTES 32
#define HA_SHA256_BLOCK_BYTES 64

typedef struct {
    uint32_t state[8];
    uint64_t total_bytes;
    uint8_t block[HA_SHA256_BLOCK_BYTES];
} ha_sha256;

void ha_sha256_begin(ha_sha256 *hash);
void ha_sha256_add(ha_sha256 *hash, const uint8_t *data, size_t data_bytes);
void ha_sha256_end(ha_sha256 *hash, uint8_t digest[HA_SHA256_BYTES]);

#endif
