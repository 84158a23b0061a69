/** In the page: hls.js players, each with its `url` and `settings`; `figures()` then tells of them what `PlayerFigures` says. */
function play(wanted) {
  document.body.textContent = ''
  const players = wanted.map(({ url, settings }) => {
    const video = document.createElement('video')
    video.muted = true
    video.autoplay = true
    video.width = 120
    document.body.append(video)
    const state = { firstPictureMs: undefined, stalls: 0, fatal: undefined, loads: [] }
    const start = performance.now()
    video.requestVideoFrameCallback(() => {
      state.firstPictureMs = performance.now() - start
    })
    let playing = false
    video.addEventListener('playing', () => {
      playing = true
    })
    video.addEventListener('waiting', () => {
      if (playing) state.stalls++
      playing = false
    })
    const hls = new globalThis.Hls(settings)
    hls.on('hlsError', (_, { fatal, details }) => {
      if (fatal) state.fatal = details
    })
    hls.on('hlsFragLoaded', () => {
      state.loads.push(performance.now())
    })
    hls.loadSource(url)
    hls.attachMedia(video)
    return { video, hls, state }
  })
  globalThis.figures = () =>
    players.map(({ video, hls, state }) => ({
      ...state,
      time: video.currentTime,
      frames: video.getVideoPlaybackQuality().totalVideoFrames,
      latency: hls.latency,
      ageMs: hls.playingDate ? Date.now() - hls.playingDate.getTime() : undefined,
    }))
}
globalThis.play = play
