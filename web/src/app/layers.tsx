import styles from './layers.module.css';

/** The four layers from the outside in: half the side of each square on a canvas of 48, and its corner. */
const SQUARES = [
  { half: 22, corner: 7 },
  { half: 16.4, corner: 5.5 },
  { half: 10.8, corner: 4 },
  { half: 5.2, corner: 2.5 },
];

/**
 * Cloud, cluster, container and code as squares one in the other; each line is drawn as far as its layer is secured.
 * A picture only: whoever shows it also says the score in words.
 *
 * @param shares how much of each layer is done, 0 to 1, from the cloud inwards
 */
export function Layers({ size, shares = [] }: { size: number; shares?: readonly number[] }) {
  return (
    <svg width={size} height={size} viewBox="0 0 48 48" className={styles['layers']} aria-hidden>
      {SQUARES.map(({ half, corner }, i) => {
        const share = shares[i] ?? 0;
        const square = { x: 24 - half, y: 24 - half, width: half * 2, height: half * 2, rx: corner, pathLength: 100 };
        return (
          <g key={half}>
            <rect {...square} className={styles['track']} />
            {share > 0 && (
              <rect
                {...square}
                className={share >= 1 ? styles['whole'] : styles['part']}
                strokeDasharray={`${share * 100} 100`}
              />
            )}
          </g>
        );
      })}
    </svg>
  );
}
