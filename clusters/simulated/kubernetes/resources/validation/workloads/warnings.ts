import type { PodTemplateSpec } from '../../../model/generated/objects.ts';
import { dns1123LabelErrors } from '../../../model/names.ts';
import type { KubeObject } from '../../../object.ts';
import { withSpec } from '../hook.ts';
import { templateWarnings } from '../pods/warnings.ts';

const WHY =
  'this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended';

/** What apps' and batch's strategies warn of: a name that pods cannot have as host name, and what the template holds. */
export function workloadWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  const { name } = object.metadata;
  const template = (withSpec(object)['spec'] as { template?: PodTemplateSpec }).template;
  const texts = old === undefined && name ? labelTexts(name) : [];
  return [
    ...(texts.length === 0 ? [] : [`metadata.name: ${WHY}: [${texts.join(' ')}]`]),
    ...templateWarnings(template, 'spec.template'),
  ];
}

/** dns1123LabelErrors, but what is a subdomain only lacks the dots. */
function labelTexts(name: string): string[] {
  const texts = dns1123LabelErrors(name);
  const dotless = dns1123LabelErrors(name.replaceAll('.', '-'));
  return texts.length > dotless.length && name.includes('.') ? ['must not contain dots', ...dotless] : texts;
}
