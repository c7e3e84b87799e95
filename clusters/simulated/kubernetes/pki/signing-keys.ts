import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';

/** PEM: `RSA PRIVATE KEY` and `PUBLIC KEY`. */
export interface SigningKey {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** As kubeadm makes them (cmd/kubeadm/app/util/pkiutil/pki_helpers.go). */
const RSA = {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
} as const;
const generate = promisify(generateKeyPair);

/** Kept ready: one for the lab that starts next and some for a class that starts together. */
const KEPT = 4;

/**
 * RSA keys for signing ServiceAccount tokens, each handed out once. One takes some 100 ms of another thread, which a lab that starts wants
 * for its hosts: so they are made ahead while none does, one after another, from the first lab on.
 */
export class SigningKeys {
  readonly #ready: SigningKey[] = [];
  #starting = 0;
  #making = false;

  /** Starts a lab, with a key of its own that rejects when the machine cannot make one. */
  async forLab<T>(start: (key: Promise<SigningKey>) => Promise<T>): Promise<T> {
    this.#starting += 1;
    try {
      const ready = this.#ready.pop();
      const key = ready === undefined ? generate('rsa', RSA) : Promise.resolve(ready);
      key.catch(() => undefined); // a lab that is given up before it asks
      return await start(key);
    } finally {
      this.#starting -= 1;
      void this.#makeAhead();
    }
  }

  async #makeAhead(): Promise<void> {
    if (this.#making) return;
    this.#making = true;
    try {
      while (this.#starting === 0 && this.#ready.length < KEPT) this.#ready.push(await generate('rsa', RSA));
    } catch {
      // The next lab makes its own, or hears why there is none.
    } finally {
      this.#making = false;
    }
  }
}
