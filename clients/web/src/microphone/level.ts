/** What is taken for silence, in decibels below full scale. */
const floorDb = 60;

/** How loud samples from -1 to 1 are, as a meter shows it: 0 at 60 dB below full scale and beneath, 1 at full scale. */
export function loudness(samples: Float32Array): number {
  let power = 0;
  for (const sample of samples) {
    power += sample * sample;
  }
  if (power === 0) {
    return 0;
  }
  const decibels = 10 * Math.log10(power / samples.length);
  return Math.max(0, Math.min(1, 1 + decibels / floorDb));
}
