import type { Lab } from '../clusters/cluster.ts';
import type { Probe } from '../protocol/scenario.ts';
import { observe } from './probes/observe.ts';
import type { Observation } from './probes/observation.ts';
import type { Slots } from './slots.ts';

/** The observations of one grading: identical probes are observed once. */
export class ObservationBook {
  readonly #lab: Lab;
  readonly #slots: Slots;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, Promise<Observation>>();
  readonly #underWay = new Map<string, Promise<Observation>>();

  constructor(lab: Lab, slots: Slots, signal: AbortSignal) {
    this.#lab = lab;
    this.#slots = slots;
    this.#signal = signal;
  }

  /** The observation of this grading; made now when nobody has asked for it before. */
  first(probe: Probe): Promise<Observation> {
    const key = JSON.stringify(probe);
    const known = this.#known.get(key) ?? this.again(probe);
    this.#known.set(key, known);
    return known;
  }

  /** A new observation, shared with whoever asks while it is under way. */
  again(probe: Probe): Promise<Observation> {
    const key = JSON.stringify(probe);
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    const made = this.#slots
      .run(() => observe(probe, this.#lab, this.#signal), this.#signal)
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, made);
    return made;
  }
}
