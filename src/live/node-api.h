/* What the functions that JavaScript calls have in common. */
#ifndef NODE_API_VALUES_H
#define NODE_API_VALUES_H
#define NAPI_VERSION 8
#include <node_api.h>
#include <stdint.h>

static napi_value integer(napi_env env, int32_t value) {
  napi_value result = NULL;
  napi_create_int32(env, value, &result);
  return result;
}

static napi_value boolean(napi_env env, int value) {
  napi_value result = NULL;
  napi_get_boolean(env, value != 0, &result);
  return result;
}

/* The elements of a typed array of that type; NULL and none of anything else. */
static void *elements(napi_env env, napi_value value, napi_typedarray_type expected, size_t *length) {
  napi_typedarray_type type;
  void *data = NULL;
  if (napi_get_typedarray_info(env, value, &type, length, &data, NULL, NULL) == napi_ok && type == expected) return data;
  *length = 0;
  return NULL;
}

static int define(napi_env env, napi_value object, const char *name, napi_callback function) {
  const napi_property_descriptor property = {name, NULL, function, NULL, NULL, NULL, napi_enumerable, NULL};
  return napi_define_properties(env, object, 1, &property) == napi_ok;
}
#endif
