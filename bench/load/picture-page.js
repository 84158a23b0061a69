/**
 * In the page: reads the number off each picture that a `<video>` shows (`dated-camera.ts`). `pictures()` gives those
 * of the first one since it was asked last, as [frame, milliseconds since the epoch].
 */
function watchPictures(columns) {
  const canvas = new OffscreenCanvas(columns, 1)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const seen = []
  const video = document.querySelector('video')
  const look = (_now, { expectedDisplayTime }) => {
    context.drawImage(video, 0, 0, columns, 1)
    const { data } = context.getImageData(0, 0, columns, 1)
    const isWhite = column => data[column * 4] > 127
    let frame = 0
    for (let column = 0; column < columns - 1; column++) if (isWhite(column)) frame += 2 ** column
    if (isWhite(columns - 1)) seen.push([frame, performance.timeOrigin + expectedDisplayTime])
    video.requestVideoFrameCallback(look)
  }
  video.requestVideoFrameCallback(look)
  globalThis.pictures = () => seen.splice(0)
}
globalThis.watchPictures = watchPictures

/** An empty `<video>` in an empty page; `figures()` tells of its first picture and its stalls. */
function freshVideo() {
  document.body.textContent = ''
  const video = document.createElement('video')
  video.muted = true
  video.autoplay = true
  document.body.append(video)
  const state = { firstPictureMs: undefined, stalls: 0 }
  const start = performance.now()
  video.requestVideoFrameCallback(() => {
    state.firstPictureMs = performance.now() - start
  })
  video.addEventListener('waiting', () => {
    if (state.firstPictureMs !== undefined) state.stalls++
  })
  globalThis.figures = () => [state]
  return video
}

/** Plays a stream by WebSocket and Media Source Extensions, with the built-in page's own player. */
async function playWebSocket(url) {
  const { LivePlayer } = await import('/player/player.js')
  new LivePlayer(
    freshVideo(),
    () => url,
    async () => true,
  ).start()
}
globalThis.playWebSocket = playWebSocket

/** Plays an endless MP4 with nothing but the element. */
function playPlain(url) {
  const video = freshVideo()
  video.src = url
  video.play()
}
globalThis.playPlain = playPlain
