// Frames and times: exact by whole numbers. A rate is [numerator, denominator] in frames per second.

// the middle of a frame: the only time at which every browser shows that frame and no other
export function timeOf(frame, rate) {
  return ((frame + 0.5) * rate[1]) / rate[0];
}

export function frameAt(seconds, rate) {
  return Math.round((seconds * rate[0]) / rate[1]);
}

export function frameWithin(seconds, rate) {
  return Math.floor((seconds * rate[0]) / rate[1] + 1e-6);
}

export function timecode(frame, rate) {
  const base = Math.round(rate[0] / rate[1]);
  const two = (n) => String(n).padStart(2, "0");
  const total = Math.floor(frame / base);
  return `${two(Math.floor(total / 60))}:${two(total % 60)}:${two(frame % base)}`;
}

export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
