#include "sha256.h"

#include <string.h>

/* FIPS 180-4, section 4.2.2. */
static const uint32_t ROUND[64] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
    0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
    0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
    0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
    0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
    0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
    0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u,
};

static uint32_t rotated(uint32_t word, unsigned bits)
{
    return (word >> bits) | (word << (32u - bits));
}

static uint32_t read_word(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void write_word(uint8_t *bytes, uint32_t word)
{
    bytes[0] = (uint8_t)(word >> 24);
    bytes[1] = (uint8_t)(word >> 16);
    bytes[2] = (uint8_t)(word >> 8);
    bytes[3] = (uint8_t)word;
}

/* Section 6.2.2, with the message schedule in a ring of 16 words instead of 64: 192 bytes of stack less. */
static void compress(uint32_t state[8], const uint8_t *block)
{
    uint32_t ring[16], v[8];
    unsigned t;

    memcpy(v, state, sizeof v);
    for (t = 0; t < 64; t++) {
        uint32_t word, t1, t2;
        if (t < 16) {
            word = read_word(block + 4 * t);
        } else {
            uint32_t w15 = ring[(t - 15) & 15], w2 = ring[(t - 2) & 15];
            uint32_t s0 = rotated(w15, 7) ^ rotated(w15, 18) ^ (w15 >> 3);
            uint32_t s1 = rotated(w2, 17) ^ rotated(w2, 19) ^ (w2 >> 10);
            word = ring[t & 15] + s0 + ring[(t - 7) & 15] + s1;
        }
        ring[t & 15] = word;
        t1 = v[7] + (rotated(v[4], 6) ^ rotated(v[4], 11) ^ rotated(v[4], 25));
        t1 += ((v[4] & v[5]) ^ (~v[4] & v[6])) + ROUND[t] + word;
        t2 = rotated(v[0], 2) ^ rotated(v[0], 13) ^ rotated(v[0], 22);
        t2 += (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        memmove(v + 1, v, 7 * sizeof v[0]);
        v[4] += t1;
        v[0] = t1 + t2;
    }
    for (t = 0; t < 8; t++) {
        state[t] += v[t];
    }
}

void ha_sha256_begin(ha_sha256 *hash)
{
    /* Section 5.3.3. */
    static const uint32_t initial[8] = {0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
                                        0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u};
    memcpy(hash->state, initial, sizeof initial);
    hash->total_bytes = 0;
}

void ha_sha256_add(ha_sha256 *hash, const uint8_t *data, size_t data_bytes)
{
    size_t used = (size_t)(hash->total_bytes % HA_SHA256_BLOCK_BYTES);

    hash->total_bytes += data_bytes;
    while (data_bytes > 0) {
        size_t taken = HA_SHA256_BLOCK_BYTES - used;
        if (taken > data_bytes) {
            taken = data_bytes;
        }
        memcpy(hash->block + used, data, taken);
        used += taken;
        data += taken;
        data_bytes -= taken;
        if (used == HA_SHA256_BLOCK_BYTES) {
            compress(hash->state, hash->block);
            used = 0;
        }
    }
}

void ha_sha256_end(ha_sha256 *hash, uint8_t digest[HA_SHA256_BYTES])
{
    /* Section 5.1.1: a one bit, zeros, and the length in bits as the last 64 of a block. */
    uint64_t total_bits = hash->total_bytes * 8;
    size_t used = (size_t)(hash->total_bytes % HA_SHA256_BLOCK_BYTES);
    unsigned i;

    hash->block[used++] = 0x80;
    if (used > HA_SHA256_BLOCK_BYTES - 8) {
        memset(hash->block + used, 0, HA_SHA256_BLOCK_BYTES - used);
        compress(hash->state, hash->block);
        used = 0;
    }
    memset(hash->block + used, 0, HA_SHA256_BLOCK_BYTES - 8 - used);
    write_word(hash->block + 56, (uint32_t)(total_bits >> 32));
    write_word(hash->block + 60, (uint32_t)total_bits);
    compress(hash->state, hash->block);
    for (i = 0; i < 8; i++) {
        write_word(digest + 4 * i, hash->state[i]);
    }
}
