/** The API group the routes are served under. */
import { API_VERSION } from '../model/query/answer.ts';

/** The group alone, for the details of a Status. */
export const GROUP = API_VERSION.slice(0, API_VERSION.indexOf('/'));
export const BASE_PATH = `/apis/${API_VERSION}`;
/** The version alone. */
export const API_VERSION_NAME = API_VERSION.slice(GROUP.length + 1);
