/* What relay.ts calls. */
#ifndef RELAY_BINDING_H
#define RELAY_BINDING_H
#include "node-api.h"
#include "relay.h"

static struct relay *relay_in(napi_env env, napi_value value) {
  void *relay = NULL;
  return napi_get_value_external(env, value, &relay) == napi_ok ? relay : NULL;
}

static void let_go(napi_env env, struct relay *relay) {
  struct relay **at = &relaying.first;
  while (*at != NULL && *at != relay) at = &(*at)->next;
  if (*at != NULL) *at = relay->next;
  if (relay->staging != NULL) napi_delete_reference(env, relay->staging);
  if (relay->on_due != NULL) napi_delete_reference(env, relay->on_due);
  relay->staging = relay->on_due = NULL;
  relay->bytes = NULL;
  relay->capacity = 0;
  free_audiences(relay);
}

static void release_relay(napi_env env, void *of, void *hint) {
  (void)hint;
  struct relay *relay = of;
  let_go(env, relay);
  if (relay->busy) relay->orphan = 1;
  else free_relay(relay);
}

/* relays.create(staging, onDue): Relay */
static napi_value create_relay(napi_env env, napi_callback_info info) {
  napi_value given[2], result = NULL;
  size_t count = 2, capacity;
  napi_get_cb_info(env, info, &count, given, NULL, NULL);
  uint8_t *bytes = elements(env, given[0], napi_uint8_array, &capacity);
  struct relay *relay = bytes != NULL && capacity >= 2 * LEAST_ROOM ? calloc(1, sizeof *relay) : NULL;
  if (relay == NULL) {
    napi_throw_type_error(env, NULL, "create(staging, onDue)");
    return NULL;
  }
  relay->env = env;
  relay->bytes = bytes;
  relay->capacity = capacity;
  if (napi_create_external(env, relay, release_relay, NULL, &result) != napi_ok) {
    free(relay);
    return NULL;
  }
  relay->next = relaying.first;
  relaying.first = relay;
  napi_create_reference(env, given[0], 1, &relay->staging);
  napi_create_reference(env, given[1], 1, &relay->on_due);
  return result;
}

static int grow(struct audience *audience, int32_t count, size_t tracks) {
  if (count <= audience->capacity) return 1;
  struct seat *seats = realloc(audience->seats, (size_t)count * sizeof *seats);
  if (seats == NULL) return 0;
  audience->seats = seats;
  double *shifts = realloc(audience->shifts, (size_t)count * tracks * sizeof *shifts);
  if (shifts == NULL) return 0;
  audience->shifts = shifts;
  struct block *blocks = realloc(audience->blocks, (size_t)count * sizeof *blocks);
  if (blocks == NULL) return 0;
  audience->blocks = blocks;
  audience->capacity = count;
  return 1;
}

static int64_t in_ms(double ms) {
  return (int64_t)uv_hrtime() + nanoseconds(ms / 1e3);
}

/* relays.seat(relay, audience, isWebSocket, outlets, shifts, filled, fullForMs, count): boolean */
static napi_value seat_audience(napi_env env, napi_callback_info info) {
  enum { RELAY, AUDIENCE, IS_WEBSOCKET, OUTLETS, SHIFTS, FILLED, FULL_FOR, COUNT, ARGUMENTS };
  napi_value given[ARGUMENTS];
  size_t count = ARGUMENTS, outlets_length, shifts_length, filled_length, full_for_length;
  int32_t seats, number;
  bool is_websocket;
  napi_get_cb_info(env, info, &count, given, NULL, NULL);
  struct relay *relay = relay_in(env, given[RELAY]);
  const int32_t *outlets = elements(env, given[OUTLETS], napi_int32_array, &outlets_length);
  const double *shifts = elements(env, given[SHIFTS], napi_float64_array, &shifts_length);
  const int32_t *filled = elements(env, given[FILLED], napi_int32_array, &filled_length);
  const double *full_for = elements(env, given[FULL_FOR], napi_float64_array, &full_for_length);
  if (relay == NULL || relay->stream != NULL || napi_get_value_int32(env, given[AUDIENCE], &number) != napi_ok ||
      number < 0 || number >= MOST_AUDIENCES || number > relay->audience_count ||
      napi_get_value_int32(env, given[COUNT], &seats) != napi_ok || seats < 0 || (size_t)seats > outlets_length || (size_t)seats > filled_length || (size_t)seats > full_for_length ||
      napi_get_value_bool(env, given[IS_WEBSOCKET], &is_websocket) != napi_ok)
    return boolean(env, 0);
  const size_t tracks = outlets_length ? shifts_length / outlets_length : 0;
  struct audience *audience = &relay->audiences[number];
  if (tracks > MOST_TRACKS || !grow(audience, seats, MOST_TRACKS)) return boolean(env, 0);
  for (int32_t i = 0; i < seats; i++) {
    const struct outlet *outlet = outlet_of(relaying.outlets, outlets[i]);
    audience->seats[i] = (struct seat){outlets[i], outlet ? outlet->serial : 0};
    audience->blocks[i] = (struct block){filled[i], in_ms(-full_for[i])};
  }
  if (seats > 0) memcpy(audience->shifts, shifts, (size_t)seats * tracks * sizeof *shifts);
  audience->count = seats;
  audience->is_websocket = is_websocket;
  relay->track_count = (int)tracks;
  relay->audience_count = number + 1;
  return boolean(env, 1);
}

/* What `start` is told, in this order; tracks follow. */
enum { MOST_FRAGMENT, MOST_AT_ONCE, WAIT_MS, BLOCK_INTERVAL_MS, PICTURE_IN_MS, FETCH_IN_MS, NUMBERS };

static int has_room_for_all_to_fall(struct relay *relay) {
  const int32_t viewers = (int32_t)viewers_of(relay);
  if (viewers <= relay->fallen_capacity) return 1;
  struct fallen *fallen = realloc(relay->fallen, (size_t)viewers * sizeof *fallen);
  if (fallen == NULL) return 0;
  relay->fallen = fallen;
  relay->fallen_capacity = viewers;
  return 1;
}

static void forget_what_came(struct relay *relay) {
  relay->length = relay->read = relay->sent = 0;
  relay->fragments_sent = relay->pending_count = relay->write_count = relay->fallen_count = relay->audience_count = 0;
}

/* relays.start(relay, fd, plan): boolean */
static napi_value start_relay(napi_env env, napi_callback_info info) {
  napi_value given[3];
  size_t count = 3, length;
  int32_t fd;
  napi_get_cb_info(env, info, &count, given, NULL, NULL);
  struct relay *relay = relay_in(env, given[0]);
  const double *plan = elements(env, given[2], napi_float64_array, &length);
  if (relay == NULL || relay->bytes == NULL || relay->stream != NULL || napi_get_value_int32(env, given[1], &fd) != napi_ok || fd < 0 || length < NUMBERS)
    return boolean(env, 0);
  const size_t tracks = (length - NUMBERS) / (sizeof(struct track) / sizeof(double));
  const int fits = tracks > 0 && tracks <= MOST_TRACKS && (int)tracks == relay->track_count && relay->length == 0 &&
                   viewers_of(relay) > 0 && has_room_for_all_to_fall(relay);
  if (!fits || !hook(relay, fd)) {
    relay->audience_count = 0;
    return boolean(env, 0);
  }
  memcpy(relay->tracks, plan + NUMBERS, tracks * sizeof *relay->tracks);
  relay->most_fragment = plan[MOST_FRAGMENT] < MOST_BYTES ? plan[MOST_FRAGMENT] : MOST_BYTES;
  relay->most_at_once = plan[MOST_AT_ONCE];
  relay->wait = nanoseconds(plan[WAIT_MS] / 1e3);
  relay->block_interval = nanoseconds(plan[BLOCK_INTERVAL_MS] / 1e3);
  relay->picture_due = in_ms(plan[PICTURE_IN_MS]);
  relay->fetch_due = in_ms(plan[FETCH_IN_MS]);
  relay->told = 0;
  return boolean(env, 1);
}

/* relays.stop(relay, report): number; the report is fragments sent, milliseconds until the next picture, viewers fallen, writes, and of each its bytes, fragments and age in milliseconds */
static napi_value stop_relay(napi_env env, napi_callback_info info) {
  enum { SENT, PICTURE_DUE, FALLEN, WRITES, FIRST, EACH = 3 };
  napi_value given[2];
  size_t count = 2, length;
  napi_get_cb_info(env, info, &count, given, NULL, NULL);
  struct relay *relay = relay_in(env, given[0]);
  double *report = elements(env, given[1], napi_float64_array, &length);
  if (relay == NULL || length < FIRST + EACH * MOST_WRITES) return integer(env, -1);
  const double now = (double)uv_hrtime();
  const size_t bytes = relay->length;
  unhook(relay);
  report[SENT] = relay->fragments_sent;
  report[PICTURE_DUE] = ((double)relay->picture_due - now) / 1e6;
  report[FALLEN] = relay->fallen_count;
  report[WRITES] = relay->write_count;
  for (int32_t i = 0; i < relay->write_count; i++) {
    double *const one = report + FIRST + EACH * i;
    one[0] = (double)relay->writes[i].bytes;
    one[1] = relay->writes[i].fragments;
    one[2] = (now - (double)relay->writes[i].at) / 1e6;
  }
  const int32_t fallen = relay->fallen_count;
  forget_what_came(relay);
  relay->fallen_count = fallen;
  return integer(env, (int32_t)bytes);
}

/* relays.close(relay): void */
static napi_value close_relay(napi_env env, napi_callback_info info) {
  napi_value given[1];
  size_t count = 1;
  napi_get_cb_info(env, info, &count, given, NULL, NULL);
  struct relay *relay = relay_in(env, given[0]);
  if (relay == NULL) return NULL;
  unhook(relay);
  let_go(env, relay);
  return NULL;
}

/* relays.fallen(relay): number[], three for each: audience, seat, bytes taken */
static napi_value fallen_of(napi_env env, napi_callback_info info) {
  napi_value given[1], result = NULL;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, given, NULL, NULL);
  struct relay *relay = relay_in(env, given[0]);
  if (napi_create_array(env, &result) != napi_ok || relay == NULL) return result;
  for (int32_t i = 0; i < relay->fallen_count; i++) {
    const struct fallen *one = &relay->fallen[i];
    napi_set_element(env, result, (uint32_t)(3 * i), integer(env, one->audience));
    napi_set_element(env, result, (uint32_t)(3 * i + 1), integer(env, one->seat));
    napi_set_element(env, result, (uint32_t)(3 * i + 2), integer(env, one->taken));
  }
  relay->fallen_count = 0;
  return result;
}

/* libuv tells a callback of the stream alone: only one event loop of a process is relayed in. */
static int offer_relays(napi_env env, napi_value exports, uv_loop_t *loop, struct outlets *outlets) {
  napi_value relays;
  if (relaying.loop != NULL) return 1;
  relaying.loop = loop;
  relaying.outlets = outlets;
  return napi_create_object(env, &relays) == napi_ok && define(env, relays, "create", create_relay) &&
         define(env, relays, "seat", seat_audience) && define(env, relays, "start", start_relay) &&
         define(env, relays, "stop", stop_relay) && define(env, relays, "fallen", fallen_of) &&
         define(env, relays, "close", close_relay) &&
         napi_set_named_property(env, exports, "relays", relays) == napi_ok;
}
#endif
