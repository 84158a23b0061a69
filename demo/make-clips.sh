#!/usr/bin/env bash
# Makes demo/media: one 16 s test pattern per camera as fragmented MP4 (H.264 High + AAC), and its pictures as JPEG.
# 16 s is a whole number of 2 s GOPs (8) and of AAC frames at 16 kHz (250): played in a loop, no time is lost or doubled.
# Needs ffmpeg with libx264 and drawtext; nothing needs it at run time.
set -euo pipefail
cd "$(dirname "$0")/media"
audio=$(mktemp --suffix=.aac)
trap 'rm -f "$audio"' EXIT

clip() {
  local file=$1 label=$2 colour=$3 tone=$4
  local clock='%{eif\:t\:d\:2}.%{eif\:mod(n\,25)*4\:d\:2} s'
  # By way of a file of its own: MP4 would start the picture 64 ms late, by what the AAC encoder puts first.
  ffmpeg -v error -y \
    -f lavfi -i "aevalsrc=if(lt(mod(t\,1)\,0.08)*gte(t\,1)\,0.25*sin(2*PI*$tone*t)\,0):s=16000:d=16" \
    -c:a aac -b:a 16k -ac 1 "$audio"
  ffmpeg -v error -y \
    -f lavfi -i "color=c=$colour:s=640x360:r=25:d=16" \
    -f lavfi -i "smptehdbars=s=640x48:r=25:d=16" \
    -f lavfi -i "testsrc2=s=160x90:r=25:d=16" \
    -i "$audio" \
    -filter_complex "
      [0:v]drawgrid=w=40:h=40:c=white@0.12[grid];
      [grid][1:v]overlay=0:312[bars];
      [bars][2:v]overlay=x='(W-w)*abs(mod(t/8\,2)-1)':y=206[moving];
      [moving]drawtext=text='$label':x=24:y=22:fontsize=40:fontcolor=white:box=1:boxcolor=black@0.45:boxborderw=10,
        drawtext=text='$clock':x=24:y=100:fontsize=84:fontcolor=white,
        drawtext=text='frame %{eif\:n\:d\:3}':x=w-tw-24:y=28:fontsize=28:fontcolor=white[picture]" \
    -map '[picture]' -map 3:a -bsf:a aac_adtstoasc -map_metadata -1 -fflags +bitexact -flags:v +bitexact -flags:a +bitexact \
    -c:v libx264 -profile:v high -preset veryslow -crf 33 -g 50 -keyint_min 50 -sc_threshold 0 -bf 0 -refs 2 \
    -pix_fmt yuv420p -video_track_timescale 90000 \
    -c:a copy \
    -movflags frag_keyframe+delay_moov+default_base_moof "$file.mp4"
  ffmpeg -v error -y -i "$file.mp4" -vf 'select=not(mod(n\,50))' -vsync vfr -map_metadata -1 -fflags +bitexact \
    -flags:v +bitexact -c:v mjpeg -q:v 24 -f mjpeg "$file.mjpeg"
}

clip Front_Door 'Front Door' 0x1f4e79 660
clip Driveway 'Driveway' 0x5b3a1e 550
clip Garden 'Garden' 0x245c36 440
clip Garage 'Garage' 0x4b2a63 330
