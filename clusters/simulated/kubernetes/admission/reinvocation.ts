import type { KubeObject } from '../object.ts';

/** What a plugin that asks others (webhooks, policies) knows of whom it asked, by their keys (webhook/mutating/reinvocationcontext.go). */
export class Asked {
  #earlier = new Set<string>();
  readonly #due = new Set<string>();
  #left: string | undefined;

  /** Whether this one is asked again. */
  isDue(key: string): boolean {
    return this.#due.has(key);
  }

  /** To be asked again should something change from here on (`reinvocationPolicy: IfNeeded`). */
  remember(key: string): void {
    this.#earlier.add(key);
  }

  /** The object changed: those who saw it before are due. */
  changed(): void {
    for (const key of this.#earlier) this.#due.add(key);
    this.#earlier = new Set();
  }

  /** Compares with the object as this plugin left it. */
  foundAs(object: KubeObject | undefined): void {
    if (this.#left !== JSON.stringify(object)) this.changed();
  }

  leftAs(object: KubeObject | undefined): void {
    this.#left = JSON.stringify(object);
  }
}

/**
 * Once a webhook or a policy has changed an object, all mutating plugins are run a second time over it, so that a container that a webhook
 * adds has what every container has; webhooks and policies are among them only if they want to (apiserver/pkg/admission/reinvocation.go).
 */
export class Reinvocation {
  /** Whether this is the second run. There is no third. */
  second = false;
  needed = false;
  readonly #asked = new Map<string, Asked>();

  askedBy(plugin: string): Asked {
    const known = this.#asked.get(plugin);
    if (known !== undefined) return known;
    const made = new Asked();
    this.#asked.set(plugin, made);
    return made;
  }
}
