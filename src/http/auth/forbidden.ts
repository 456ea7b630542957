/** The words of a refusal, those of kube-apiserver. Source: apiserver/pkg/endpoints/handlers/responsewriters/errors.go. */
import type { Attributes, ResourceAttributes } from './attributes.ts';
import type { User } from './user.ts';

/** Why a user may not do something. `namesGroup` says whether the API group may be told. */
export function forbiddenMessage(
  user: User,
  attributes: Attributes,
  reason: string,
  namesGroup = true,
): string {
  const why = reason === '' ? '' : `: ${reason}`;
  const who = `User ${JSON.stringify(user.name)}`;
  if (!('resource' in attributes)) {
    return `forbidden: ${who} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}${why}`;
  }
  const { verb, group, resource, subresource, namespace } = attributes;
  const what = subresource === '' ? resource : `${resource}/${subresource}`;
  const inGroup = namesGroup ? ` in API group ${JSON.stringify(group)}` : '';
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  return `${subjectOf(attributes)} is forbidden: ${who} cannot ${verb} resource ${JSON.stringify(what)}${inGroup} ${where}${why}`;
}

function subjectOf({ group, resource, name }: ResourceAttributes): string {
  const type = group === '' ? resource : `${resource}.${group}`;
  return name === '' ? type : `${type} ${JSON.stringify(name)}`;
}
