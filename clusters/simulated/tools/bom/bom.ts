import type { Command, CommandCall } from '../../hosts/simulated-host.ts';
import { findContents, knownReferences } from '../../images/contents/find-contents.ts';
import { parseReference, tableName } from '../../images/image.ts';
import { IMAGES } from '../../images/table.ts';
import { lastOption, type Options, optionTable, parseLine } from '../../daemons/command-line.ts';
import { readDocument, writeDocument } from '../host-documents.ts';
import { type Bill, type BillTool, timestamp, uuidOf } from '../sbom/bill.ts';
import { outline, readSpdxGraph } from '../sbom/outline.ts';
import { spdxJson, spdxOf, spdxTagValue } from '../sbom/spdx.ts';
import type { Tool, ToolContext } from '../tool.ts';
import { BOM_HELP } from './help.ts';
import { withHelp } from '../help.ts';

const VERSION = 'v0.7.1';

const BOM: BillTool = {
  vendor: 'kubernetes',
  organization: 'Kubernetes Release Engineering',
  name: 'bom',
  version: VERSION,
  namespace: () => 'https://spdx.org/spdxdocs/k8s-releng-bom-',
};

const GENERATE = optionTable(
  '-i --image=',
  '-o --output=',
  '-n --name=',
  '--format=',
  '--namespace=',
  '-l --license=',
  '-a --analyze-images',
  '--scan-images[=]',
  '--log-level=',
);
const OUTLINE = optionTable('-d --depth=', '--log-level=', '--version[=]', '--purl');

/** Ends the call with logrus' `FATA` line. */
class Fatal extends Error {
  override readonly name = 'Fatal';
}

interface BomCall extends Pick<ToolContext, 'host' | 'clock'> {
  readonly call: CommandCall;
  readonly options: Options;
  readonly words: readonly string[];
}

/** `bom generate` and `bom document outline`, the SBOM tool that the exam allows (sigs.k8s.io/bom). */
export const bom =
  ({ host, clock }: Pick<ToolContext, 'host' | 'clock'>): Command =>
  async (call) => {
    const [verb = '', ...rest] = call.args;
    try {
      if (verb === 'version' || verb === '--version') {
        await call.stdout(
          `bom: A tool for working with SPDX manifests\n\nGitVersion:    ${VERSION}\nModel:         Breachlab's, over the images of this lab\n`,
        );
        return 0;
      }
      if (verb === 'generate') await generate({ host, clock, call, ...read('generate', rest, GENERATE) });
      else if (verb === 'document' && rest[0] === 'outline')
        await showOutline({ host, clock, call, ...read('document outline', rest.slice(1), OUTLINE) });
      else throw new Fatal(`not simulated: bom ${verb}; there are generate, document outline, version`);
      return 0;
    } catch (error) {
      if (!(error instanceof Fatal)) throw error;
      await call.stderr(error.message.startsWith('not simulated: ') ? `${error.message}\n` : `FATA ${error.message}\n`);
      return 1;
    }
  };

function read(name: string, args: readonly string[], table: Parameters<typeof parseLine>[1]) {
  const line = parseLine(args, table);
  if (line.outcome === 'wrong') throw new Fatal(`not simulated: bom ${name} ${line.argument} (${line.complaint})`);
  return line;
}

async function generate({ host, clock, call, options, words }: BomCall): Promise<void> {
  const images = (options.get('image') ?? []).flatMap((one) => one.split(','));
  const [reference] = images;
  if (words.length > 0) throw new Fatal('not simulated: bom generate of folders and files; there is --image');
  if (reference === undefined)
    throw new Fatal('validating options: to generate a SPDX BOM you have to provide at least one image or file');
  if (images.length > 1) throw new Fatal('not simulated: bom generate with several images in one document');
  const format = lastOption(options, 'format') ?? 'tag-value';
  if (format !== 'tag-value' && format !== 'json')
    throw new Fatal(`validating options: unknown format provided, must be one of [tag-value, json]: ${format}`);
  const log = (text: string): Promise<void> => call.stderr(`INFO ${text}\n`);
  await log(`bom ${VERSION}: Generating SPDX Bill of Materials`);
  const bill = billOf(reference, BOM, new Date(clock.now()));
  await log(`Processing image reference: ${reference}`);
  const document = spdxOf(bill);
  const name = lastOption(options, 'name') ?? `SBOM-SPDX-${uuidOf(reference, timestamp(bill.created))}`;
  const namespace = lastOption(options, 'namespace') ?? document.namespace;
  const text = (format === 'json' ? spdxJson : spdxTagValue)({ ...document, name, namespace });
  const output = lastOption(options, 'output');
  if (output === undefined) return call.stdout(text);
  const complaint = await writeDocument(host, call.cwd, output, text);
  if (complaint !== undefined) throw new Fatal(`generating doc: writing SBOM: ${complaint}`);
}

function billOf(reference: string, tool: BillTool, created: Date): Bill {
  const parsed = parseReference(reference);
  const found = findContents(IMAGES, reference);
  if (parsed === undefined)
    throw new Fatal(
      `generating doc: creating SPDX document: generating SPDX package from image ref ${reference}: could not parse reference: ${reference}`,
    );
  if (found.outcome === 'absent')
    throw new Fatal(
      `generating doc: creating SPDX document: generating SPDX package from image ref ${reference}: checking if reference is image index: fetching reference: MANIFEST_UNKNOWN: manifest unknown`,
    );
  if (found.outcome === 'unknown')
    throw new Fatal(
      `not simulated: the packages of ${reference}; known are those of ${knownReferences(IMAGES).join(', ')}`,
    );
  return {
    name: reference,
    repository: tableName(parsed),
    digest: found.digest,
    contents: found.contents,
    tool,
    created,
  };
}

async function showOutline({ host, call, options, words }: BomCall): Promise<void> {
  const [file] = words;
  if (file === undefined) throw new Fatal('You should only specify one file');
  const read = await readDocument(host, call.cwd, file);
  if (read.outcome === 'refused')
    throw new Fatal(`opening doc: opening document from ${file}: open ${file}: ${read.reason}`);
  const graph = readSpdxGraph(read.text);
  if (graph === undefined)
    throw new Fatal(`opening doc: opening document from ${file}: unable to detect document encoding`);
  const depth = Number(lastOption(options, 'depth') ?? '-1');
  if (!Number.isInteger(depth))
    throw new Fatal(`invalid argument "${lastOption(options, 'depth')}" for "-d, --depth" flag`);
  await call.stdout(`${BANNER}${outline(graph, depth)}`);
}

const BANNER = String.raw`               _      
 ___ _ __   __| |_  __
/ __| '_ \ / _${'`'} \ \/ /
\__ \ |_) | (_| |>  < 
|___/ .__/ \__,_/_/\_\
    |_|               

`;

export const BOM_TOOL: Tool = {
  name: 'bom',
  on: ['workstation', 'controlplane'],
  command: (context) => withHelp('bom', BOM_HELP, bom(context)),
};
