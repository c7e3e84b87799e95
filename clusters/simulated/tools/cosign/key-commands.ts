import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { lastOption } from '../../daemons/command-line.ts';
import { readDocument } from '../host-documents.ts';
import { type CosignCall, Fatal, ignoresLog, NO_LOG, pem, publicKeyIn, save, text } from './cosign-call.ts';
import { openKeyFile, writeKeyFile } from './key-file.ts';

/** From `COSIGN_PASSWORD`, else the first line of input, as from a pipe. */
async function password({ call }: CosignCall): Promise<string> {
  const given = call.env['COSIGN_PASSWORD'];
  if (given !== undefined) return given;
  await call.stderr('Enter password for private key: ');
  let typed = '';
  for await (const piece of call.stdin) {
    typed += String(piece);
    if (typed.includes('\n') || typed.length > 1000) break;
  }
  await call.stderr('\n');
  return typed.split('\n')[0] ?? '';
}

/** Makes `cosign.key`, locked with a password, and `cosign.pub`. Throws `Fatal`. */
export async function generateKeyPair(cosign: CosignCall): Promise<void> {
  const { call, options, words } = cosign;
  if (words.length > 0) throw new Fatal(`not simulated: cosign generate-key-pair ${words[0]}; there are files`);
  const prefix = lastOption(options, 'output-key-prefix') ?? 'cosign';
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await save(cosign, `${prefix}.key`, await writeKeyFile(privateKey, await password(cosign)), 0o600);
  await save(cosign, `${prefix}.pub`, pem(publicKey), 0o644);
  await call.stderr(`Private key written to ${prefix}.key\nPublic key written to ${prefix}.pub\n`);
}

async function privateKeyOf(cosign: CosignCall): Promise<KeyObject> {
  const file = lastOption(cosign.options, 'key');
  if (file === undefined)
    throw new Fatal('not simulated: cosign without --key; there is nobody here who makes certificates');
  const opened = await openKeyFile(await text(cosign, file, 'reading key'), await password(cosign));
  if (opened.outcome === 'failed') throw new Fatal(opened.message);
  return opened.key;
}

/** The public key of a private one. Throws `Fatal`. */
export async function showPublicKey(cosign: CosignCall): Promise<void> {
  const content = pem(createPublicKey(await privateKeyOf(cosign)));
  const file = lastOption(cosign.options, 'outfile');
  if (file === undefined) return cosign.call.stdout(content);
  await save(cosign, file, content, 0o644);
}

/** A file's signature in base64. Throws `Fatal`. */
export async function signBlob(cosign: CosignCall): Promise<void> {
  const [file] = cosign.words;
  if (file === undefined) throw new Fatal('requires at least 1 arg(s), only received 0');
  const blob = await text(cosign, file, `signing ${file}`);
  await cosign.call.stderr(`Using payload from: ${file}\n`);
  const signature = sign('sha256', Buffer.from(blob), await privateKeyOf(cosign)).toString('base64');
  const output = lastOption(cosign.options, 'output-signature') ?? lastOption(cosign.options, 'output');
  if (output === undefined) return cosign.call.stdout(`${signature}\n`);
  await save(cosign, output, signature, 0o600);
  await cosign.call.stderr(`Wrote signature to file ${output}\n`);
}

/** Checks a file's signature with a public key. Throws `Fatal`. */
export async function verifyBlob(cosign: CosignCall): Promise<void> {
  const { call, options, words } = cosign;
  const [file] = words;
  const keyFile = lastOption(options, 'key');
  const given = lastOption(options, 'signature');
  if (file === undefined || given === undefined) throw new Fatal('requires --signature and 1 arg(s)');
  if (keyFile === undefined) throw new Fatal('not simulated: cosign verify-blob without --key');
  const key = await publicKeyIn(cosign, keyFile);
  const signatureFile = await readDocument(cosign.host, call.cwd, given);
  const signature = signatureFile.outcome === 'read' ? signatureFile.text : given;
  const blob = Buffer.from(await text(cosign, file, 'reading blob'));
  if (!verify('sha256', blob, key, Buffer.from(signature.trim(), 'base64')))
    throw new Fatal('failed to verify signature: invalid signature when validating ASN.1 encoded signature');
  if (!ignoresLog(options)) await call.stderr(NO_LOG);
  await call.stderr('Verified OK\n');
}
