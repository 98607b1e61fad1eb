import { sortedUniq } from 'lodash-es';
self.onmessage = ({ data }) => self.postMessage(sortedUniq(data.sort()));
