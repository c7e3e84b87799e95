import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyPair } from './key-pair.ts';

const generate = promisify(generateKeyPair);
/** As kubeadm makes them (cmd/kubeadm/app/util/pkiutil/pki_helpers.go). */
const MODULUS_BITS = 2048;
/** Kept ready: one for the lab that starts next and some for a class that starts together. */
const KEPT = 4;

/**
 * RSA keys for signing ServiceAccount tokens, each handed out once. One takes some 100 ms of another thread, so a few are made ahead,
 * one after another, from the first time somebody takes one.
 */
export class SigningKeys {
  readonly #ready: KeyPair[] = [];
  readonly #waiting: { resolve: (keys: KeyPair) => void; reject: (error: unknown) => void }[] = [];
  #making = false;

  /** At once when one is ready. Rejects when the machine cannot make keys. */
  async take(): Promise<KeyPair> {
    const ready = this.#ready.pop();
    const taken =
      ready ??
      (await new Promise<KeyPair>((resolve, reject) => {
        this.#waiting.push({ resolve, reject });
        this.#make();
      }));
    this.#make();
    return taken;
  }

  #make(): void {
    if (this.#making || (this.#waiting.length === 0 && this.#ready.length >= KEPT)) return;
    this.#making = true;
    void generate('rsa', { modulusLength: MODULUS_BITS }).then(
      (made) => {
        this.#making = false;
        const next = this.#waiting.shift();
        if (next === undefined) this.#ready.push(made);
        else next.resolve(made);
        this.#make();
      },
      (error: unknown) => {
        this.#making = false;
        for (const { reject } of this.#waiting.splice(0)) reject(error);
      },
    );
  }
}
