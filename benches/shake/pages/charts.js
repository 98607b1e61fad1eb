import * as d3 from 'd3';
import { say } from './say.js';

const data = d3.range(12).map((i) => ({ x: i, y: Math.round(50 + 40 * Math.sin(i)) }));
const x = d3.scaleLinear(d3.extent(data, (d) => d.x), [0, 320]);
const y = d3.scaleLinear([0, d3.max(data, (d) => d.y)], [120, 0]).nice();
say('path', d3.line((d) => x(d.x), (d) => y(d.y)).curve(d3.curveMonotoneX)(data));
say('ticks', y.ticks(5).map(d3.format('.1f')));
say('colour', d3.interpolateRgb('steelblue', 'brown')(0.3));
if (globalThis.document) {
  const svg = d3.select('#out').append('svg').attr('viewBox', '0 0 320 120');
  svg.append('g').call(d3.axisLeft(y));
  say('axis', svg.selectAll('.tick').size());
}
say('done', 'charts');
