/** Paths of the drawn face, in the units of its view box, around x = 0. */

/** Skull, cheeks, and a chin that is `drop` lower. */
export function headPath(drop: number): string {
  return `M-95 206C-97 262-90 306-67 ${n(340 + drop * 0.5)}C-47 ${n(368 + drop * 0.85)}-23 ${n(382 + drop)} 0 ${n(382 + drop)}` +
    `C23 ${n(382 + drop)} 47 ${n(368 + drop * 0.85)} 67 ${n(340 + drop * 0.5)}C90 306 97 262 95 206C95 124 54 84 0 84C-54 84-95 124-95 206Z`;
}

/** A mouth around its corners' height. */
export interface MouthPaths {
  readonly upperLip: string;
  readonly lowerLip: string;
  readonly opening: string;
  readonly shadow: string;
}

/**
 * @param half Half of the width. @param gap Height of the opening. @param lift How much the corners smile.
 * @param round Share of a rounded mouth, whose lips are thicker.
 */
export function mouthPaths(half: number, gap: number, lift: number, round: number): MouthPaths {
  const corner = gap * 0.22 - lift * 1.15;
  const top = -gap * 0.16;
  const bottom = gap * 0.84;
  const upper = 11 + 3 * round - gap * 0.05;
  const lower = 12.5 + 3 * round - gap * 0.04;
  const inner = half * 0.93;
  const innerTop = `C${n(-half * 0.5)} ${n(top - 1)} ${n(-half * 0.24)} ${n(top - 1.5)} 0 ${n(top + 1)}` +
    `C${n(half * 0.24)} ${n(top - 1.5)} ${n(half * 0.5)} ${n(top - 1)} ${n(inner)} ${n(corner)}`;
  const innerBottom = `C${n(half * 0.62)} ${n(bottom * 1.12 + 1.5)} ${n(half * 0.3)} ${n(bottom + 1.5)} 0 ${n(bottom + 1.5)}` +
    `C${n(-half * 0.3)} ${n(bottom + 1.5)} ${n(-half * 0.62)} ${n(bottom * 1.12 + 1.5)} ${n(-inner)} ${n(corner)}`;
  const upperLip = `M${n(-half)} ${n(corner)}C${n(-half * 0.6)} ${n(top - upper * 0.75)} ${n(-half * 0.3)} ${n(top - upper - 1)} -7 ${n(top - upper)}` +
    `Q0 ${n(top - upper + 4)} 7 ${n(top - upper)}C${n(half * 0.3)} ${n(top - upper - 1)} ${n(half * 0.6)} ${n(top - upper * 0.75)} ${n(half)} ${n(corner)}` +
    `L${n(inner)} ${n(corner)}C${n(half * 0.5)} ${n(top - 1)} ${n(half * 0.24)} ${n(top - 1.5)} 0 ${n(top + 1)}` +
    `C${n(-half * 0.24)} ${n(top - 1.5)} ${n(-half * 0.5)} ${n(top - 1)} ${n(-inner)} ${n(corner)}Z`;
  const lowerLip = `M${n(-half)} ${n(corner)}L${n(-inner)} ${n(corner)}` +
    `C${n(-half * 0.62)} ${n(bottom * 1.12 + 1.5)} ${n(-half * 0.3)} ${n(bottom + 1.5)} 0 ${n(bottom + 1.5)}` +
    `C${n(half * 0.3)} ${n(bottom + 1.5)} ${n(half * 0.62)} ${n(bottom * 1.12 + 1.5)} ${n(inner)} ${n(corner)}L${n(half)} ${n(corner)}` +
    `C${n(half * 0.66)} ${n(bottom + lower * 0.95)} ${n(half * 0.34)} ${n(bottom + lower + 1)} 0 ${n(bottom + lower + 1)}` +
    `C${n(-half * 0.34)} ${n(bottom + lower + 1)} ${n(-half * 0.66)} ${n(bottom + lower * 0.95)} ${n(-half)} ${n(corner)}Z`;
  const shadowY = bottom + lower + 9;
  return {
    upperLip,
    lowerLip,
    opening: `M${n(-inner)} ${n(corner)}${innerTop}${innerBottom}Z`,
    shadow: `M-17 ${n(shadowY)}Q0 ${n(shadowY + 5)} 17 ${n(shadowY)}`,
  };
}

/** What an eye leaves open, and its upper edge, for a lid that is closed by a share. */
export function eyePaths(closed: number): { opening: string; lash: string; crease: string } {
  const lift = -13.5 + 20.5 * closed;
  const left = 1 + 2.5 * closed;
  const right = -1.5 + 4 * closed;
  const lash = `M-20 ${n(left)}C-12 ${n(lift + 0.5)} 9 ${n(lift - 1.5)} 20 ${n(right)}`;
  const lower = 8.5 - 0.5 * closed;
  const crease = -18.5 + 5 * closed;
  return {
    opening: `${lash}C11 ${n(Math.max(lower, lift))} -10 ${n(Math.max(lower + 1, lift))} -20 ${n(left)}Z`,
    lash: `${lash}`,
    crease: `M-17 ${n(crease + 9)}C-9 ${n(crease)} 8 ${n(crease - 1)} 18 ${n(crease + 8)}`,
  };
}

function n(value: number): string {
  return value.toFixed(1);
}
