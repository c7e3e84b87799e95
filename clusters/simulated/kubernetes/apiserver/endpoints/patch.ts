import { goMap } from '../patch/patch-errors.ts';
import { patchedText } from '../patch/patched-text.ts';
import type { KubeObject } from '../../object.ts';
import { negotiate } from '../encode/negotiate.ts';
import { readBody, writeContext, type ResourceExchange } from '../http/exchange.ts';
import { sendObject } from '../http/respond.ts';
import { asServed, asStored } from '../registry/convert.ts';
import { update } from '../registry/update.ts';
import { applyChange } from './apply-patch.ts';
import { fieldValidation, judgeProblems, writeOptions } from './options.ts';
import { APPLY, invalidPatch, parsePatch, patchedValue, patchTypeOf, retype, STRATEGIC } from './patched-object.ts';

/** PATCH of a resource or its status (handlers/patch.go). */
export async function patch(exchange: ResourceExchange): Promise<void> {
  const { row, info, parts, request } = exchange;
  const type = patchTypeOf(exchange);
  const format = negotiate(request.headers.accept, row.type === '');
  const body = await readBody(request);
  const applying = type === APPLY;
  const options = writeOptions(exchange, 'PatchOptions', applying);
  const context = writeContext(exchange, options);
  const change = applying ? applyChange(exchange, body, options) : patchChange(exchange, body, type, options);
  const stored = parts.registry.rows.storedFor(row);
  const inStore = (draft: KubeObject | undefined): KubeObject | undefined => draft && asStored(draft, row, stored);
  const { object, created } = await update(parts.registry, {
    row: stored,
    namespace: info.namespace,
    name: info.name,
    context,
    change: (live) => {
      const draft = change(live);
      return draft instanceof Promise ? draft.then(inStore) : inStore(draft);
    },
    mayCreate: applying && info.subresource === '',
    tracked: applying,
    retry: true,
  });
  sendObject(exchange, created ? 201 : 200, asServed(object, row), format);
}

/** How a patch other than an apply changes the live object. */
function patchChange(
  exchange: ResourceExchange,
  body: Buffer,
  type: string,
  options: Readonly<Record<string, unknown>>,
): (live: KubeObject | undefined) => KubeObject | undefined {
  const { row } = exchange;
  const { value: patchValue, problems: own } = parsePatch(body, type);
  let judged = false;
  return (live) => {
    if (!live) return undefined;
    const patched = patchedValue(asServed(live, row), patchValue, type, row);
    const shown = (): string => (type === STRATEGIC ? goMap(patchValue) : patchedText(patched, patchValue));
    const { object, problems } = retype(patched, row, shown, type);
    if (!judged) {
      const found = [...own, ...problems];
      judgeProblems(exchange, found, fieldValidation(options), (text) => invalidPatch(shown(), text));
      judged = true;
    }
    return object;
  };
}
