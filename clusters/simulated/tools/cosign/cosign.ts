import { createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { RE2JS } from 're2js';
import type { Command, CommandCall } from '../../hosts/simulated-host.ts';
import type { TemplateEntry } from '../../hosts/template-entry.ts';
import { IMAGES } from '../../images/table.ts';
import { labKey } from '../../images/signatures.ts';
import { lastOption, type Options, type OptionTable, optionTable, parseLine } from '../../daemons/command-line.ts';
import { readDocument, writeDocument } from '../host-documents.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { openKeyFile, writeKeyFile } from './key-file.ts';
import { findSigned, readPublicKey, type SignedImage, type Trust, verifyImage } from './verify.ts';

const VERSION = 'v2.6.1';

/** The shop's public key, which its images are verified with. */
const RELEASE_KEY = '/etc/cosign/release.pub';

interface CosignCall extends Pick<ToolContext, 'host' | 'clock'> {
  readonly call: CommandCall;
  readonly options: Options;
  readonly words: readonly string[];
}

/** Ends the call as cosign ends it. */
class Fatal extends Error {
  override readonly name = 'Fatal';
  readonly code: number;
  constructor(message: string, code = 1) {
    super(message);
    this.code = code;
  }
}

const VERBS: Readonly<
  Record<string, { readonly table: OptionTable; readonly run: (cosign: CosignCall) => Promise<void> }>
> = {
  verify: {
    table: optionTable(
      '--key=',
      '--certificate-identity=',
      '--certificate-identity-regexp=',
      '--certificate-oidc-issuer=',
      '--certificate-oidc-issuer-regexp=',
      '--insecure-ignore-tlog[=]',
      '--private-infrastructure[=]',
      '--check-claims[=]',
      '-o --output=',
    ),
    run: verifyImages,
  },
  triangulate: { table: {}, run: triangulate },
  'generate-key-pair': { table: optionTable('--output-key-prefix='), run: generateKeyPair },
  'public-key': { table: optionTable('--key=', '--outfile='), run: showPublicKey },
  'sign-blob': {
    table: optionTable('--key=', '--output-signature=', '--output=', '--tlog-upload[=]', '-y --yes', '--b64[=]'),
    run: signBlob,
  },
  'verify-blob': {
    table: optionTable('--key=', '--signature=', '--insecure-ignore-tlog[=]', '--private-infrastructure[=]'),
    run: verifyBlob,
  },
};

/** `cosign`: signatures of the image table, checked for real where a key made them, and of files (github.com/sigstore/cosign). */
export const cosign =
  ({ host, clock }: Pick<ToolContext, 'host' | 'clock'>): Command =>
  async (call) => {
    const [name = '', ...args] = call.args;
    if (name === 'version' || name === '--version') {
      await call.stdout(
        `GitVersion:    ${VERSION}\nModel:         Breachlab's, over the signatures of this lab's images\n`,
      );
      return 0;
    }
    try {
      const verb = VERBS[name];
      if (verb === undefined)
        throw new Fatal(`not simulated: cosign ${name}; there are ${Object.keys(VERBS).join(', ')}`);
      const line = parseLine(args, verb.table);
      if (line.outcome === 'wrong')
        throw new Fatal(`not simulated: cosign ${name} ${line.argument} (${line.complaint})`);
      await verb.run({ host, clock, call, options: line.options, words: line.words });
      return 0;
    } catch (error) {
      if (!(error instanceof Fatal)) throw error;
      const { message, code } = error;
      await call.stderr(
        message.startsWith('not simulated: ')
          ? `${message}\n`
          : `Error: ${message}\nmain.go:69: error during command execution: ${message}\n`,
      );
      return code;
    }
  };

function signedImage(reference: string): SignedImage {
  const image = findSigned(IMAGES, reference);
  if (image === undefined) throw new Fatal('image tag not found: entity not found in registry', 11);
  return image;
}

async function verifyImages(cosign: CosignCall): Promise<void> {
  const { call, options, words } = cosign;
  if (words.length === 0) throw new Fatal('requires at least 1 arg(s), only received 0');
  const output = lastOption(options, 'output') ?? 'json';
  if (output !== 'json' && output !== 'text') throw new Fatal(`invalid output type: ${output}`);
  const trust = await trustOf(cosign);
  for (const reference of words) {
    const image = signedImage(reference);
    const result = verifyImage(image, trust);
    if (result.outcome === 'failed') throw new Fatal(result.message, result.code);
    if (trust.kind === 'identity')
      await call.stderr(
        'not simulated: certificates and the transparency log; who signed is as the image table says\n',
      );
    else if (!ignoresLog(options))
      await call.stderr('not simulated: the transparency log; the signature itself was checked with the key\n');
    const how = trust.kind === 'key' ? '\n  - The signatures were verified against the specified public key' : '';
    await call.stderr(
      `\nVerification for ${image.name}${reference.includes('@') ? '@' : ':'}${reference.includes('@') ? image.digest : image.tag} --\n` +
        `The following checks were performed on each of these signatures:\n  - The cosign claims were validated${how}\n`,
    );
    await call.stdout(
      output === 'json' ? `\n[${result.payloads.join(',')}]\n` : result.payloads.map((one) => `${one}\n`).join(''),
    );
  }
}

const ignoresLog = (options: Options): boolean =>
  options.has('insecure-ignore-tlog') || options.has('private-infrastructure');

async function trustOf(cosign: CosignCall): Promise<Trust> {
  const { options } = cosign;
  const file = lastOption(options, 'key');
  if (file !== undefined) return { kind: 'key', key: await publicKeyIn(cosign, file) };
  const expected = (what: string, name: string): ((text: string) => boolean) => {
    const exact = lastOption(options, name);
    const regexp = lastOption(options, `${name}-regexp`);
    if (exact !== undefined) return (text) => text === exact;
    if (regexp === undefined)
      throw new Fatal(`--${name} or --${name}-regexp is required for verification in keyless mode`);
    try {
      const compiled = RE2JS.compile(regexp);
      return (text) => compiled.matcher(text).find();
    } catch {
      throw new Fatal(`malformed ${what} in expected identities: error parsing regexp: ${regexp}`);
    }
  };
  return {
    kind: 'identity',
    subject: expected('subject', 'certificate-identity'),
    issuer: expected('issuer', 'certificate-oidc-issuer'),
  };
}

async function text(cosign: CosignCall, file: string, what: string): Promise<string> {
  const read = await readDocument(cosign.host, cosign.call.cwd, file);
  if (read.outcome === 'refused') throw new Fatal(`${what}: open ${file}: ${read.reason}`);
  return read.text;
}

async function publicKeyIn(cosign: CosignCall, file: string): Promise<KeyObject> {
  if (/^(k8s|awskms|gcpkms|azurekms|hashivault|gitlab|env|pkcs11|https?):/.test(file))
    throw new Fatal(`not simulated: cosign --key ${file}; there are files`);
  const key = readPublicKey(await text(cosign, file, 'loading public key'));
  if (key === undefined) throw new Fatal('loading public key: PEM decoding failed');
  return key;
}

async function triangulate({ call, words }: CosignCall): Promise<void> {
  const [reference] = words;
  if (reference === undefined) throw new Fatal('accepts 1 arg(s), received 0');
  const { name, digest } = signedImage(reference);
  await call.stdout(`${name}:${digest.replace(':', '-')}.sig\n`);
}

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

async function save(cosign: CosignCall, file: string, content: string, mode: number): Promise<void> {
  const complaint = await writeDocument(cosign.host, cosign.call.cwd, file, content, mode);
  if (complaint !== undefined) throw new Fatal(complaint);
}

async function generateKeyPair(cosign: CosignCall): Promise<void> {
  const { call, options, words } = cosign;
  if (words.length > 0) throw new Fatal(`not simulated: cosign generate-key-pair ${words[0]}; there are files`);
  const prefix = lastOption(options, 'output-key-prefix') ?? 'cosign';
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await save(cosign, `${prefix}.key`, await writeKeyFile(privateKey, await password(cosign)), 0o600);
  await save(cosign, `${prefix}.pub`, pem(publicKey), 0o644);
  await call.stderr(`Private key written to ${prefix}.key\nPublic key written to ${prefix}.pub\n`);
}

const pem = (key: KeyObject): string => String(key.export({ type: 'spki', format: 'pem' }));

async function privateKeyOf(cosign: CosignCall): Promise<KeyObject> {
  const file = lastOption(cosign.options, 'key');
  if (file === undefined)
    throw new Fatal('not simulated: cosign without --key; there is nobody here who makes certificates');
  const opened = await openKeyFile(await text(cosign, file, 'reading key'), await password(cosign));
  if (opened.outcome === 'failed') throw new Fatal(opened.message);
  return opened.key;
}

async function showPublicKey(cosign: CosignCall): Promise<void> {
  const content = pem(createPublicKey(await privateKeyOf(cosign)));
  const file = lastOption(cosign.options, 'outfile');
  if (file === undefined) return cosign.call.stdout(content);
  await save(cosign, file, content, 0o644);
}

async function signBlob(cosign: CosignCall): Promise<void> {
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

async function verifyBlob(cosign: CosignCall): Promise<void> {
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
  if (!ignoresLog(options))
    await call.stderr('not simulated: the transparency log; the signature itself was checked with the key\n');
  await call.stderr('Verified OK\n');
}

const FILES: readonly TemplateEntry[] = [
  { kind: 'folder', path: '/etc/cosign', mode: 0o755, data: '' },
  { kind: 'file', path: RELEASE_KEY, mode: 0o644, data: pem(labKey('release').publicKey) },
];

export const COSIGN: Tool = { name: 'cosign', on: ['workstation', 'controlplane'], files: FILES, command: cosign };
