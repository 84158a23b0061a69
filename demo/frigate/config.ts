import { BUNDLED_CAMERAS } from '../footage/bundled.ts'

const HIDDEN = 'rtsp://*:*@192.0.2.10:554'

/** `GET /api/config` of Frigate 0.16, as far as somebody in front of it reads it. */
export function demoConfig() {
  const cameras = BUNDLED_CAMERAS.map(name => [
    name,
    {
      name,
      enabled: true,
      detect: { enabled: true, width: 640, height: 360, fps: 5 },
      ffmpeg: { inputs: [{ path: `${HIDDEN}/${name}`, roles: ['detect', 'record'] }] },
      live: { height: 720, quality: 8, streams: { [name]: name } },
      record: { enabled: true },
      snapshots: { enabled: true },
      zones: { [name]: { coordinates: '0,0,1,0,1,1,0,1', objects: [], color: [0, 128, 255] } },
    },
  ])
  return {
    cameras: Object.fromEntries(cameras),
    go2rtc: { streams: Object.fromEntries(BUNDLED_CAMERAS.map(name => [name, [`${HIDDEN}/${name}`]])) },
    mqtt: { enabled: false },
    record: { enabled: true },
  }
}
