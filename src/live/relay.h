/* What a camera sends to those in step, between libuv and Node. What for, and how it is used: relay.ts. */
#ifndef RELAY_H
#define RELAY_H
#include "relay-writes.h"

static void on_relay_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer);

static struct relay *relay_of(const uv_stream_t *stream) {
  struct relay *relay = relaying.first;
  while (relay != NULL && relay->stream != stream) relay = relay->next;
  return relay;
}

static void lend_staging(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer) {
  const struct relay *relay = relay_of((uv_stream_t *)handle);
  if (relay == NULL) relaying.alloc(handle, suggested, buffer);
  else *buffer = uv_buf_init((char *)relay->bytes + relay->length, (unsigned)(relay->capacity - relay->length));
}

/* From here on Node reads the connection. */
static void unhook(struct relay *relay) {
  uv_stream_t *stream = relay->stream;
  relay->stream = NULL;
  if (stream == NULL || tcp_stream(relaying.loop, relay->fd) != stream || stream->read_cb != on_relay_read) return;
  stream->alloc_cb = relaying.alloc;
  stream->read_cb = relaying.read;
}

/* False where somebody else than Node reads the connection, or nobody does. */
static int hook(struct relay *relay, int32_t fd) {
  uv_stream_t *stream = tcp_stream(relaying.loop, fd);
  if (stream == NULL || !uv_is_active((uv_handle_t *)stream) || stream->read_cb == NULL) return 0;
  if (relaying.read == NULL) {
    relaying.alloc = stream->alloc_cb;
    relaying.read = stream->read_cb;
  }
  if (stream->alloc_cb != relaying.alloc || stream->read_cb != relaying.read) return 0;
  for (struct relay *other = relaying.first; other != NULL; other = other->next)
    if (other->stream == stream) other->stream = NULL;
  stream->alloc_cb = lend_staging;
  stream->read_cb = on_relay_read;
  relay->stream = stream;
  relay->fd = fd;
  return 1;
}

static double viewers_of(const struct relay *relay) {
  double viewers = 0;
  for (int32_t i = 0; i < relay->audience_count; i++) viewers += relay->audiences[i].count;
  return viewers;
}

/* Nothing more is sent before JavaScript knows what has been. */
static int is_full(const struct relay *relay) {
  return relay->fallen_count > 0 || relay->write_count == MOST_WRITES;
}

/* JavaScript does not have to be told yet. */
static int may_wait(const struct relay *relay) {
  return !is_full(relay) && relay->capacity - relay->length >= LEAST_ROOM &&
         (relay->sent == 0 || (int64_t)uv_hrtime() < relay->fetch_due);
}

/* Sends what is to be sent now. False if something has come that is for JavaScript to understand, or to send. */
static int relay_on(struct relay *relay) {
  if (is_full(relay)) return 0;
  const uint64_t now = uv_hrtime();
  const double most_together = relay->most_at_once / viewers_of(relay);
  int has_picture = 0;
  for (;;) {
    struct fragment *fragment = &relay->pending[relay->pending_count];
    const enum finding found = find_fragment(relay->bytes + relay->read, relay->length - relay->read, (size_t)relay->most_fragment,
                                             relay->tracks, relay->track_count, fragment);
    if (found == NOT_OURS) return 0;
    if (found == NOT_WHOLE) break;
    if (relay->read - relay->sent + fragment->length > MOST_BYTES) return 0;
    struct track *track = &relay->tracks[fragment->track];
    track->end = fragment->time + fragment->duration;
    has_picture |= track->is_primary != 0;
    relay->read += fragment->length;
    if ((double)(relay->read - relay->sent) > most_together) return 0;
    if (++relay->pending_count < MOST_TOGETHER) continue;
    send_pending(relay, now);
    has_picture = 0;
    if (is_full(relay)) return 1;
  }
  const int64_t until_picture = relay->picture_due - (int64_t)now;
  const int is_soon = until_picture <= relay->wait && until_picture >= -relay->wait;
  if (has_picture || !is_soon) send_pending(relay, now);
  return 1;
}

/* JavaScript fetches what has come. After it the connection, or the relay, may be gone. */
static void tell(struct relay *relay) {
  napi_env env = relay->env;
  napi_handle_scope scope;
  napi_value receiver, function, result;
  relay->told = 1;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  if (napi_get_global(env, &receiver) == napi_ok && napi_get_reference_value(env, relay->on_due, &function) == napi_ok &&
      function != NULL && napi_make_callback(env, NULL, receiver, function, 0, NULL, &result) == napi_pending_exception) {
    napi_get_and_clear_last_exception(env, &result);
    napi_fatal_exception(env, result);
  }
  napi_close_handle_scope(env, scope);
}

/* As if Node had read it, which then says what has become of the connection. */
static void hand_end_to_node(uv_stream_t *stream, ssize_t error) {
  const uv_buf_t nothing = uv_buf_init(NULL, 0);
  if (!uv_is_closing((uv_handle_t *)stream)) relaying.read(stream, error, &nothing);
}

static void free_audiences(struct relay *relay) {
  for (int32_t i = 0; i < MOST_AUDIENCES; i++) {
    free(relay->audiences[i].seats);
    free(relay->audiences[i].shifts);
    free(relay->audiences[i].blocks);
    relay->audiences[i] = (struct audience){0};
  }
  free(relay->fallen);
  relay->fallen = NULL;
  relay->fallen_count = relay->fallen_capacity = 0;
}

static void free_relay(struct relay *relay) {
  free_audiences(relay);
  free(relay);
}

static void on_relay_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer) {
  struct relay *relay = relay_of(stream);
  if (relay == NULL) {
    relaying.read(stream, length, buffer);
    return;
  }
  if (length == 0) return;
  relay->busy++;
  if (length > 0) relay->length += (size_t)length;
  if (length < 0 || !relay_on(relay) || !may_wait(relay)) tell(relay);
  if (relay->stream == stream && (length < 0 || relay->told)) unhook(relay);
  relay->busy--;
  if (relay->orphan && relay->busy == 0) free_relay(relay);
  if (length < 0) hand_end_to_node(stream, length);
}
#endif
