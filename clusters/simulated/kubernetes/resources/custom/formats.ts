import ipaddr from 'ipaddr.js';
import { parseDuration } from '../../model/duration.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../model/names.ts';

const succeeds = (attempt: () => unknown): boolean => {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
};

const DATE_TIME =
  /^(\d{4}-(?:0[1-9]|1[012])-(?:0[1-9]|[12]\d|3[01]))t(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:z|[+|-](?:[01]\d|2[0-3]):[0-5]\d)$/i;
const isDate = (text: string): boolean => {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (year === undefined) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day) && date.getUTCMonth() + 1 === Number(month);
};

const like =
  (pattern: RegExp): ((text: string) => boolean) =>
  (text) =>
    pattern.test(text);

/** The formats that apiextensions-apiserver/pkg/apiserver/validation/formats.go knows; of others nothing is asked. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: like(/^[0-9a-f]{24}$/i),
  byte: like(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  cidr: (text) => /^[\da-f:.]+\/\d+$/i.test(text) && succeeds(() => ipaddr.parseCIDR(text)),
  date: isDate,
  datetime: (text) => isDate(DATE_TIME.exec(text)?.[1] ?? ''),
  duration: (text) => succeeds(() => parseDuration(text)),
  email: like(/^[^\s@<>()[\]\\,;:"]+@[^\s@<>()[\]\\,;:"]+$/),
  hexcolor: like(/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i),
  hostname: like(
    /^(?=.{1,255}$)[a-z0-9\u00a1-\uffff](?:[a-z0-9\u00a1-\uffff-]{0,61}[a-z0-9\u00a1-\uffff])?(?:\.[a-z0-9\u00a1-\uffff](?:[a-z0-9\u00a1-\uffff-]{0,61}[a-z0-9\u00a1-\uffff])?)*\.?$/i,
  ),
  ipv4: (text) => ipaddr.IPv4.isValidFourPartDecimal(text),
  ipv6: (text) => text.includes(':') && ipaddr.IPv6.isValid(text),
  k8sshortname: (text) => dns1123LabelErrors(text).length === 0,
  k8slongname: (text) => dns1123SubdomainErrors(text).length === 0,
  mac: like(/^(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4})$/i),
  rgbcolor: like(
    /^rgb\(\s*(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])(?:\s*,\s*(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){2}\s*\)$/,
  ),
  ssn: like(/^\d{3}[- ]?\d{2}[- ]?\d{4}$/),
  uri: like(/^(?:\/\S*|[a-z][a-z0-9+.-]*:\S*)$/i),
  uuid: like(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i),
  uuid3: like(/^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i),
  uuid4: like(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i),
  uuid5: like(/^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i),
};

export const formatHolds = (text: string, format: string): boolean => {
  const name = format.replaceAll('-', '');
  return Object.hasOwn(FORMATS, name) ? FORMATS[name]!(text) : true;
};
