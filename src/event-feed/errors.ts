import { defineError } from '../errors.ts'

export const TooManyListeners = defineError(
  'TOO_MANY_LISTENERS',
  'Too many clients listen to events, try again later',
  503,
  30,
)
export const MqttPacketTooLarge = defineError(
  'MQTT_PACKET_TOO_LARGE',
  'The broker sends a packet of more than %s bytes, and the connection to it ends',
  502,
)
