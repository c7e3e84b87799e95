import type { CustomResourceDefinitionNames } from '../../../model/generated/objects.ts';
import { dns1035LabelErrors } from '../../../model/names.ts';
import { invalid, required, type Findings } from '../field-errors.ts';
import { validateKind } from '../qualified.ts';

type Names = Partial<CustomResourceDefinitionNames>;

/** Several texts about one value as one finding. */
export function addJoined(found: Findings, field: string, value: string, texts: readonly string[]): void {
  if (texts.length > 0) found.push(invalid(field, value, texts.join(',')));
}

/** Names that the spec has to give; those accepted may lack. */
export function validateRequiredNames(names: Names, found: Findings): void {
  for (const field of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if (!names[field]) found.push(required(`spec.names.${field}`));
  }
}

/** ValidateCustomResourceDefinitionNames of apiextensions-apiserver/pkg/apis/apiextensions/validation. */
export function validateNames(names: Names, path: string, found: Findings): void {
  const { plural = '', singular = '', kind = '', listKind = '' } = names;
  if (plural !== '') addJoined(found, `${path}.plural`, plural, dns1035LabelErrors(plural));
  if (singular !== '') addJoined(found, `${path}.singular`, singular, dns1035LabelErrors(singular));
  if (kind !== '') validateKind(kind, `${path}.kind`, found);
  if (listKind !== '') validateKind(listKind, `${path}.listKind`, found);
  for (const [i, name] of (names.shortNames ?? []).entries()) {
    addJoined(found, `${path}.shortNames[${i}]`, name, dns1035LabelErrors(name));
  }
  if (kind !== '' && kind === listKind) {
    found.push(invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same'));
  }
  for (const [i, name] of (names.categories ?? []).entries()) {
    addJoined(found, `${path}.categories[${i}]`, name, dns1035LabelErrors(name));
  }
}
