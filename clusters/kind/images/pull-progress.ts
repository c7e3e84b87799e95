import { z } from 'zod';

/** An event of Docker's pull (moby, pkg/jsonmessage). */
const PullEvent = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).optional(),
});

/** Turns the events of a pull into few lines: one for every tenth of what is known to come. */
export class PullProgress {
  readonly #name: string;
  readonly #layers = new Map<string, { current: number; total: number }>();
  #said = -1;

  constructor(name: string) {
    this.#name = name;
  }

  /** A line to show, such as `pulling node: 40 % of 420 MB`; undefined when there is nothing new to say. */
  heard(event: unknown): string | undefined {
    const { data } = PullEvent.safeParse(event);
    const { current, total } = data?.progressDetail ?? {};
    if (data?.id === undefined || data.status !== 'Downloading' || current === undefined || total === undefined)
      return undefined;
    this.#layers.set(data.id, { current, total });
    const layers = [...this.#layers.values()];
    const all = layers.reduce((sum, layer) => sum + layer.total, 0);
    const tenth = Math.floor((10 * layers.reduce((sum, layer) => sum + layer.current, 0)) / Math.max(all, 1));
    if (tenth <= this.#said) return undefined;
    this.#said = tenth;
    return `pulling ${this.#name}: ${tenth * 10} % of ${Math.ceil(all / 1e6)} MB`;
  }
}
