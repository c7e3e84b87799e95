import type { KeyObject } from 'node:crypto';
import type { CommandCall } from '../../hosts/simulated-host.ts';
import type { Options } from '../../daemons/command-line.ts';
import { readDocument, writeDocument } from '../host-documents.ts';
import type { ToolContext } from '../tool.ts';
import { readPublicKey } from './verify.ts';

/** One call of a cosign command, its line read. */
export interface CosignCall extends Pick<ToolContext, 'host' | 'clock'> {
  readonly call: CommandCall;
  readonly options: Options;
  readonly words: readonly string[];
}

/** Ends the call as cosign ends it. */
export class Fatal extends Error {
  override readonly name = 'Fatal';
  readonly code: number;
  constructor(message: string, code = 1) {
    super(message);
    this.code = code;
  }
}

/** A file that a call names. Throws `Fatal`, which begins with what it was for. */
export async function text(cosign: CosignCall, file: string, what: string): Promise<string> {
  const read = await readDocument(cosign.host, cosign.call.cwd, file);
  if (read.outcome === 'refused') throw new Fatal(`${what}: open ${file}: ${read.reason}`);
  return read.text;
}

/** A public key in a file. Throws `Fatal`. */
export async function publicKeyIn(cosign: CosignCall, file: string): Promise<KeyObject> {
  if (/^(k8s|awskms|gcpkms|azurekms|hashivault|gitlab|env|pkcs11|https?):/.test(file))
    throw new Fatal(`not simulated: cosign --key ${file}; there are files`);
  const key = readPublicKey(await text(cosign, file, 'loading public key'));
  if (key === undefined) throw new Fatal('loading public key: PEM decoding failed');
  return key;
}

/** Throws `Fatal` when it cannot be written. */
export async function save(cosign: CosignCall, file: string, content: string, mode: number): Promise<void> {
  const complaint = await writeDocument(cosign.host, cosign.call.cwd, file, content, mode);
  if (complaint !== undefined) throw new Fatal(complaint);
}

/** Whether it was said that nothing is looked up in a transparency log. */
export const ignoresLog = (options: Options): boolean =>
  options.has('insecure-ignore-tlog') || options.has('private-infrastructure');

export const NO_LOG = 'not simulated: the transparency log; the signature itself was checked with the key\n';

export const pem = (key: KeyObject): string => String(key.export({ type: 'spki', format: 'pem' }));
