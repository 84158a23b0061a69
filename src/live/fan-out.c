/* A Node-API addon: the same bytes to many connections, in one call. What for, and how it is used: fan-out.ts. */
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>
#include "tcp-stream.h"

/* A connection that was opened here: its number is its place in the table. */
struct outlet {
  uv_stream_t *stream;
  int32_t next_free;
};

struct fan_out {
  uv_loop_t *loop;
  struct outlet *outlets;
  int32_t capacity, first_free;
};

/* Where a decode time lies, what it is before a viewer's shift, and whose of the shifts that is. */
struct stamp {
  double place, time, track;
};

static int32_t take_outlet(struct fan_out *fan_out, uv_stream_t *stream) {
  if (fan_out->first_free < 0) {
    int32_t capacity = fan_out->capacity ? 2 * fan_out->capacity : 64;
    struct outlet *outlets = realloc(fan_out->outlets, capacity * sizeof *outlets);
    if (outlets == NULL) return -1;
    for (int32_t i = fan_out->capacity; i < capacity; i++)
      outlets[i] = (struct outlet){.next_free = i + 1 < capacity ? i + 1 : -1};
    fan_out->first_free = fan_out->capacity;
    fan_out->outlets = outlets;
    fan_out->capacity = capacity;
  }
  int32_t number = fan_out->first_free;
  fan_out->first_free = fan_out->outlets[number].next_free;
  fan_out->outlets[number].stream = stream;
  return number;
}

static struct fan_out *instance(napi_env env) {
  void *fan_out = NULL;
  napi_get_instance_data(env, &fan_out);
  return fan_out;
}

static uv_stream_t *stream_of(const struct fan_out *fan_out, int32_t number) {
  return number >= 0 && number < fan_out->capacity ? fan_out->outlets[number].stream : NULL;
}

static napi_value integer(napi_env env, int32_t value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

/* open(fd: number): number */
static napi_value open_outlet(napi_env env, napi_callback_info info) {
  struct fan_out *fan_out = instance(env);
  int32_t fd;
  napi_value argument;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  if (napi_get_value_int32(env, argument, &fd) != napi_ok) return integer(env, -1);
  uv_stream_t *stream = tcp_stream(fan_out->loop, fd);
  return integer(env, stream ? take_outlet(fan_out, stream) : -1);
}

/* close(outlet: number): void */
static napi_value close_outlet(napi_env env, napi_callback_info info) {
  struct fan_out *fan_out = instance(env);
  napi_value argument;
  size_t count = 1;
  int32_t number;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  if (napi_get_value_int32(env, argument, &number) != napi_ok) return NULL;
  if (stream_of(fan_out, number) == NULL) return NULL;
  fan_out->outlets[number] = (struct outlet){.next_free = fan_out->first_free};
  fan_out->first_free = number;
  return NULL;
}

static void write_times(uint8_t *bytes, const struct stamp *stamps, int32_t count, const double *shifts) {
  for (int32_t i = 0; i < count; i++) {
    uint64_t time = (uint64_t)(int64_t)(stamps[i].time - shifts[(size_t)stamps[i].track]);
    uint8_t *at = bytes + (size_t)stamps[i].place;
    for (int32_t byte = 7; byte >= 0; byte--, time >>= 8) at[byte] = (uint8_t)time;
  }
}

/*
 * How much of the pieces the connection took. uv_try_write sends nothing past what waits in the stream already, and nothing on one
 * that has been shut down: 0 where they have to wait or the connection is gone, which the ordinary way then finds out for itself.
 */
static int32_t try_outlet(const struct fan_out *fan_out, int32_t number, const uv_buf_t *pieces, unsigned count) {
  uv_stream_t *stream = stream_of(fan_out, number);
  if (stream == NULL || uv_is_closing((uv_handle_t *)stream)) return 0;
  int taken = uv_try_write(stream, pieces, count);
  return taken < 0 ? 0 : taken;
}

/* The elements of a typed array of that type; NULL and none of anything else. */
static void *elements(napi_env env, napi_value value, napi_typedarray_type expected, size_t *length) {
  napi_typedarray_type type;
  void *data = NULL;
  if (napi_get_typedarray_info(env, value, &type, length, &data, NULL, NULL) == napi_ok && type == expected) return data;
  *length = 0;
  return NULL;
}

static int are_inside(const struct stamp *stamps, int32_t count, size_t bytes, size_t tracks) {
  for (int32_t i = 0; i < count; i++)
    if (!(stamps[i].place >= 0 && stamps[i].place + 8 <= bytes && stamps[i].track >= 0 && stamps[i].track < tracks))
      return 0;
  return 1;
}

static int is_undefined(napi_env env, napi_value value) {
  napi_valuetype type;
  return napi_typeof(env, value, &type) == napi_ok && type == napi_undefined;
}

/* send(bytes, payload, stamps, stampCount, outlets, shifts, from, to, taken): number */
static napi_value send_all(napi_env env, napi_callback_info info) {
  enum { BYTES, PAYLOAD, STAMPS, STAMP_COUNT, OUTLETS, SHIFTS, FROM, TO, TAKEN, ARGUMENTS };
  napi_value given[ARGUMENTS];
  size_t count = ARGUMENTS, length, payload_length, stamps_length, outlets_length, shifts_length, taken_length;
  int32_t stamp_count, from, to;
  napi_get_cb_info(env, info, &count, given, NULL, NULL);
  uint8_t *bytes = elements(env, given[BYTES], napi_uint8_array, &length);
  uint8_t *payload = elements(env, given[PAYLOAD], napi_uint8_array, &payload_length);
  const struct stamp *stamps = elements(env, given[STAMPS], napi_float64_array, &stamps_length);
  const int32_t *outlets = elements(env, given[OUTLETS], napi_int32_array, &outlets_length);
  const double *shifts = elements(env, given[SHIFTS], napi_float64_array, &shifts_length);
  int32_t *taken = elements(env, given[TAKEN], napi_int32_array, &taken_length);
  const size_t tracks = outlets_length ? shifts_length / outlets_length : 0;
  const int understood = (payload_length > 0 || is_undefined(env, given[PAYLOAD])) &&
                         length + payload_length <= INT32_MAX && napi_get_value_int32(env, given[STAMP_COUNT], &stamp_count) == napi_ok &&
                         napi_get_value_int32(env, given[FROM], &from) == napi_ok &&
                         napi_get_value_int32(env, given[TO], &to) == napi_ok && taken_length > 0 && from >= 0 &&
                         to >= from && (size_t)to <= outlets_length && stamp_count >= 0 &&
                         (size_t)stamp_count * 3 <= stamps_length && are_inside(stamps, stamp_count, length, tracks);
  if (!understood) {
    napi_throw_type_error(env, NULL, "send(bytes, payload, stamps, stampCount, outlets, shifts, from, to, taken)");
    return NULL;
  }
  const struct fan_out *fan_out = instance(env);
  const uv_buf_t pieces[] = {uv_buf_init((char *)bytes, (unsigned)length),
                             uv_buf_init((char *)payload, (unsigned)payload_length)};
  const double *written = NULL;
  for (; from < to; from++) {
    const double *own = shifts + from * tracks;
    if (written == NULL || memcmp(own, written, tracks * sizeof *own) != 0) write_times(bytes, stamps, stamp_count, own);
    written = own;
    taken[0] = try_outlet(fan_out, outlets[from], pieces, payload_length > 0 ? 2 : 1);
    if ((size_t)taken[0] < length + payload_length) break;
  }
  return integer(env, from);
}

static void release(napi_env env, void *of, void *hint) {
  (void)env, (void)hint;
  struct fan_out *fan_out = of;
  free(fan_out->outlets);
  free(fan_out);
}

NAPI_MODULE_INIT() {
  struct fan_out *fan_out = calloc(1, sizeof *fan_out);
  if (fan_out == NULL) return NULL;
  fan_out->first_free = -1;
  const napi_property_descriptor functions[] = {
      {"open", NULL, open_outlet, NULL, NULL, NULL, napi_enumerable, NULL},
      {"close", NULL, close_outlet, NULL, NULL, NULL, napi_enumerable, NULL},
      {"send", NULL, send_all, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  if (napi_get_uv_event_loop(env, &fan_out->loop) != napi_ok ||
      napi_set_instance_data(env, fan_out, release, NULL) != napi_ok) {
    free(fan_out);
    return NULL;
  }
  if (napi_define_properties(env, exports, sizeof functions / sizeof functions[0], functions) != napi_ok) return NULL;
  return exports;
}
