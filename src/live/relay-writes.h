/* What a relay knows, and how it sends what is pending. */
#ifndef RELAY_WRITES_H
#define RELAY_WRITES_H
#include "fragments.h"
#include "node-api.h"
#include "outlets.h"

/* A fragment is in one piece with what goes out together with it. */
enum { MOST_TOGETHER = 16, MOST_BYTES = 60 * 1024, MOST_HEADER = 10, MOST_WRITES = 32, MOST_AUDIENCES = 2, LEAST_ROOM = 16 * 1024 };

struct seat {
  int32_t outlet;
  uint32_t serial;
};

/* What a plain <video> has of the block that is being sent, in bytes, and when it had the one before; `filled` is below 0 for all others (block-fills.ts). */
struct block {
  int32_t filled;
  int64_t full_at;
};

/* Viewers who are sent the same but for their decode times; `shifts` are theirs by seat and track. */
struct audience {
  int32_t count, capacity, is_websocket;
  struct seat *seats;
  double *shifts;
  struct block *blocks;
};

/* Who took only so much of the last write. */
struct fallen {
  int32_t audience, seat, taken;
};

struct written {
  size_t bytes;
  int32_t fragments;
  uint64_t at;
};

struct relay {
  struct relay *next;
  napi_env env;
  napi_ref staging, on_due;
  /* What has come and has not been fetched: `length` bytes, of which those before `read` are whole fragments, those before `sent` have been sent. */
  uint8_t *bytes;
  size_t capacity, length, read, sent;
  int32_t fragments_sent;
  /* Read, and not sent yet. */
  struct fragment pending[MOST_TOGETHER];
  int32_t pending_count;
  struct track tracks[MOST_TRACKS];
  int32_t track_count;
  struct audience audiences[MOST_AUDIENCES];
  int32_t audience_count;
  struct fallen *fallen;
  int32_t fallen_count, fallen_capacity;
  struct written writes[MOST_WRITES];
  int32_t write_count;
  /* In bytes: a fragment, and what all viewers together are sent in one write each. */
  double most_fragment, most_at_once;
  /* In nanoseconds, by uv_hrtime; a block is filled up once so long has passed since the one before. */
  int64_t wait, picture_due, fetch_due, block_interval;
  /* Reads of `stream` come here. */
  uv_stream_t *stream;
  int32_t fd;
  /* JavaScript has been told to fetch, and has not started it again. */
  int told;
  /* Inside a callback; it is freed after it. */
  int busy, orphan;
};

/* Of the one event loop that is served: libuv's callbacks are told of the stream alone, and its `data` is Node's. */
static struct {
  uv_loop_t *loop;
  struct outlets *outlets;
  struct relay *first;
  /* Node's own callbacks, the same for every connection. */
  uv_alloc_cb alloc;
  uv_read_cb read;
  uint8_t joined[MOST_BYTES + MOST_TOGETHER * MOST_HEADER];
} relaying;

/* Of any time that a camera may claim: an hour at most, which is as good as never. */
static int64_t nanoseconds(double seconds) {
  const double most = 3600;
  return (int64_t)((seconds > most ? most : seconds < -most ? -most : seconds) * 1e9);
}

/* A WebSocket frame's header (RFC 6455, 5.2): binary, final, not masked. Returns its length. */
static size_t write_header(uint8_t *at, size_t payload) {
  at[0] = 0x82;
  if (payload < 126) {
    at[1] = (uint8_t)payload;
    return 2;
  }
  const int wide = payload > 0xffff;
  const size_t bytes = wide ? 8 : 2;
  at[1] = wide ? 127 : 126;
  for (size_t i = 0; i < bytes; i++) at[2 + i] = (uint8_t)((uint64_t)payload >> (8 * (bytes - 1 - i)));
  return 2 + bytes;
}

static void fall(struct relay *relay, int32_t audience, int32_t seat, int32_t taken) {
  if (relay->fallen_count < relay->fallen_capacity)
    relay->fallen[relay->fallen_count++] = (struct fallen){audience, seat, taken};
}

/* What is pending, with its headers, as one stretch of bytes. */
static size_t join_pending(const struct relay *relay, int is_websocket, struct stamp *stamps) {
  const uint8_t *from = relay->bytes + relay->sent;
  uint8_t *to = relaying.joined;
  for (int32_t i = 0; i < relay->pending_count; i++) {
    const struct fragment *fragment = &relay->pending[i];
    if (is_websocket) to += write_header(to, fragment->length);
    stamps[i] = (struct stamp){(double)(to - relaying.joined + (ptrdiff_t)fragment->stamp), fragment->time, fragment->track};
    memcpy(to, from, fragment->length);
    to += fragment->length;
    from += fragment->length;
  }
  return (size_t)(to - relaying.joined);
}

/* Whether it is to be filled up now that so many bytes more have been sent. */
static int is_fill_due(struct block *block, size_t bytes, int64_t now, int64_t interval) {
  enum { BLOCK_BYTES = 32 * 1024 };
  if (block->filled < 0) return 0;
  const size_t filled = (size_t)block->filled + bytes;
  if (filled >= BLOCK_BYTES) block->full_at = now;
  block->filled = (int32_t)(filled % BLOCK_BYTES);
  return block->filled > 0 && now - block->full_at >= interval;
}

static void send_joined(struct relay *relay, int32_t number, size_t length, const struct stamp *stamps, int64_t now) {
  const struct audience *audience = &relay->audiences[number];
  const size_t tracks = (size_t)relay->track_count;
  const uv_buf_t piece = uv_buf_init((char *)relaying.joined, (unsigned)length);
  const double *written = NULL;
  for (int32_t seat = 0; seat < audience->count; seat++) {
    write_other_times(relaying.joined, stamps, relay->pending_count, tracks, audience->shifts + (size_t)seat * tracks, &written);
    const struct outlet *outlet = outlet_of(relaying.outlets, audience->seats[seat].outlet);
    if (outlet != NULL && outlet->serial != audience->seats[seat].serial) outlet = NULL;
    if (seat + 1 < audience->count) fetch_ahead(outlet_of(relaying.outlets, audience->seats[seat + 1].outlet));
    const int32_t taken = try_outlet(outlet, &piece, 1);
    if ((size_t)taken < length) fall(relay, number, seat, taken);
    if (is_fill_due(&audience->blocks[seat], relay->read - relay->sent, now, relay->block_interval)) relay->fetch_due = now;
  }
}

static void send_pending(struct relay *relay, uint64_t now) {
  struct stamp stamps[MOST_TOGETHER];
  if (relay->pending_count == 0) return;
  for (int32_t number = 0; number < relay->audience_count; number++)
    send_joined(relay, number, join_pending(relay, relay->audiences[number].is_websocket, stamps), stamps, (int64_t)now);
  for (int32_t i = 0; i < relay->pending_count; i++) {
    const struct fragment *fragment = &relay->pending[i];
    const struct track *track = &relay->tracks[fragment->track];
    if (track->is_primary) relay->picture_due = (int64_t)now + nanoseconds(fragment->duration / track->timescale);
  }
  relay->writes[relay->write_count++] = (struct written){relay->read - relay->sent, relay->pending_count, now};
  relay->fragments_sent += relay->pending_count;
  relay->pending_count = 0;
  relay->sent = relay->read;
}
#endif
