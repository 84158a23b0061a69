/* A Node-API addon: the same bytes to many connections, in one call. What for, and how it is used: fan-out.ts and relay.ts. */
#include "node-api.h"
#include "relay-binding.h"

struct fan_out {
  uv_loop_t *loop;
  struct outlets outlets;
};

static struct fan_out *instance(napi_env env) {
  void *fan_out = NULL;
  napi_get_instance_data(env, &fan_out);
  return fan_out;
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
  return integer(env, stream ? take_outlet(&fan_out->outlets, stream, fd) : -1);
}

/* close(outlet: number): void */
static napi_value close_outlet(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  int32_t number;
  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  if (napi_get_value_int32(env, argument, &number) == napi_ok) give_outlet(&instance(env)->outlets, number);
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
  const struct outlets *all = &instance(env)->outlets;
  const uv_buf_t pieces[] = {uv_buf_init((char *)bytes, (unsigned)length),
                             uv_buf_init((char *)payload, (unsigned)payload_length)};
  const double *written = NULL;
  for (; from < to; from++) {
    write_other_times(bytes, stamps, stamp_count, tracks, shifts + from * tracks, &written);
    if (from + 1 < to) fetch_ahead(outlet_of(all, outlets[from + 1]));
    taken[0] = try_outlet(outlet_of(all, outlets[from]), pieces, payload_length > 0 ? 2 : 1);
    if ((size_t)taken[0] < length + payload_length) break;
  }
  return integer(env, from);
}

static void release(napi_env env, void *of, void *hint) {
  (void)env, (void)hint;
  struct fan_out *fan_out = of;
  if (relaying.outlets == &fan_out->outlets) relaying.loop = NULL;
  free(fan_out->outlets.all);
  free(fan_out);
}

NAPI_MODULE_INIT() {
  struct fan_out *fan_out = calloc(1, sizeof *fan_out);
  if (fan_out == NULL) return NULL;
  fan_out->outlets.first_free = -1;
  if (napi_get_uv_event_loop(env, &fan_out->loop) != napi_ok ||
      napi_set_instance_data(env, fan_out, release, NULL) != napi_ok) {
    free(fan_out);
    return NULL;
  }
  const int defined = define(env, exports, "open", open_outlet) && define(env, exports, "close", close_outlet) &&
                      define(env, exports, "send", send_all) && offer_relays(env, exports, fan_out->loop, &fan_out->outlets);
  return defined ? exports : NULL;
}
