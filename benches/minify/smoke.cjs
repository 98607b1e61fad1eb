// Uses a library and prints what came of it: node smoke.cjs NAME FILE. A minified file must print the same as the original.
const Module = require('node:module');
const { resolve } = require('node:path');

const [name, path] = process.argv.slice(2);
const file = resolve(path);
// Who asks for the library by name gets this file too.
const find = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) => request === name ? file : find(request, ...rest);
const say = (...values) => console.log(...values.map((v) => typeof v === 'string' ? v : JSON.stringify(v)));
const browser = () => {
  const { JSDOM, VirtualConsole } = require('jsdom');
  const { window } = new JSDOM('<!doctype html><div id=app></div>', { pretendToBeVisual: true, virtualConsole: new VirtualConsole() });
  for (const key of ['window', 'document', 'HTMLElement', 'Element', 'Node', 'MutationObserver', 'navigator', 'requestAnimationFrame']) {
    Object.defineProperty(globalThis, key, { value: key === 'window' ? window : window[key], configurable: true });
  }
  return window;
};

const checks = {
  react() {
    const React = require(file), { renderToString } = require('react-dom/server');
    const Context = React.createContext('none');
    const Item = React.memo(({ id }) => {
      const [n] = React.useState(() => id * 2);
      return React.createElement('li', { id }, n, React.useContext(Context), React.useMemo(() => n + 1, [n]));
    });
    class List extends React.Component { render() { return React.createElement('ul', null, React.Children.map(this.props.children, (c) => React.cloneElement(c, { id: c.props.id + 1 }))); } }
    say(renderToString(React.createElement(Context.Provider, { value: 'some' }, React.createElement(List, null, [1, 2, 3].map((id) => React.createElement(Item, { id, key: id }))))));
    say(Object.keys(React), React.isValidElement({}), React.version);
  },
  moment() {
    const moment = require(file), at = moment.utc('2021-03-04T05:06:07.089Z');
    say(['LLLL', 'dddd, MMMM Do YYYY, h:mm:ss a', 'GGGG-[W]WW-E', 'x', 'Q DDDo', 'SSS ZZ'].map((f) => at.format(f)));
    say(at.clone().add(1, 'month').endOf('month').toISOString(), at.diff('2019-12-31', 'days', true), moment.duration(98765432).humanize(), moment.duration('P1Y2M3DT4H').toISOString());
    say(['2021-02-30', '20210304T0506', '3 March 2021', 'nonsense'].map((t) => moment.utc(t, ['YYYY-MM-DD', moment.ISO_8601, 'D MMMM YYYY'], true).isValid()));
    say(moment.utc('12-25-1995', 'MM-DD-YYYY').from(moment.utc('2000-01-01')), moment.utc(0).calendar(moment.utc(86400000)), moment.localeData().monthsShort());
  },
  jquery() {
    browser();
    const $ = require(file);
    $('#app').append('<p class=a>1</p><p class=b data-x=\'{"y":2}\'>2</p><ul><li>3<li>4</ul>');
    let clicks = 0;
    $('#app').on('click', 'li:nth-child(2)', () => clicks++).find('li').trigger('click');
    say($('p:not(.a)').data('x'), $('li').map((i, e) => $(e).text()).get(), clicks, $('p').addClass('z').filter('.a').attr('class'), $('<form><input name=q value="a b"></form>').serialize());
    say($.extend(true, {}, { a: { b: 1 } }, { a: { c: [2] } }), $('ul').wrap('<nav>').parent().prop('tagName'), $('#app').html());
  },
  vue() {
    browser();
    const Vue = require(file);
    Vue.config.productionTip = Vue.config.devtools = false;
    Vue.component('row', { props: ['n'], template: '<li :class="{odd: n % 2}"><slot/>{{ n | twice }}</li>', filters: { twice: (n) => n * 2 } });
    const app = new Vue({ el: '#app', data: { list: [3, 1, 2], text: '<b>' }, computed: { sorted() { return [...this.list].sort(); } }, watch: { list() { say('changed'); } }, template: '<ul id=app><row v-for="n in sorted" :key="n" :n="n">{{ text }}</row><li v-if="list.length > 3">many</li><li v-else v-html="text"></li></ul>' });
    say(document.body.innerHTML);
    app.list.push(0);
    return Vue.nextTick().then(() => say(document.body.innerHTML));
  },
  lodash() {
    const _ = require(file), people = [{ n: 'b', a: 3 }, { n: 'a', a: 1 }, { n: 'c', a: 3 }];
    say(_.sortBy(people, ['a', 'n']), _.groupBy(people, 'a'), _.map(_.orderBy(people, ['a', 'n'], ['desc', 'asc']), 'n'), _(people).map('a').uniq().sum());
    say(_.merge({ a: [{ b: 1 }] }, { a: [{ c: 2 }] }), _.cloneDeep({ d: new Date(0), s: [1, [2]] }), _.isEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }), _.template('<% _.each(l, x => { %><%- x %>,<% }) %>')({ l: ['<', 1] }));
    say(_.chunk(_.range(7), 3), _.camelCase('foo bar-baz'), _.words('fred, barney & pebbles'), _.get({ a: [{ b: 5 }] }, 'a[0].b'), _.set({}, 'x.y[2]', 1), _.flow(_.add, Math.sqrt)(7, 9), _.curry((a, b, c) => a + b + c)(1)(2)(3));
    say(_.functions(_).length, _.memoize((x) => x * 2)(4), _.padStart('7', 3, '0'), _.truncate('x'.repeat(40)), _.debounce.length, _.partial(_.divide, 8)(2), _.zipObjectDeep(['a.b', 'a.c'], [1, 2]));
  },
  d3() {
    const d3 = require(file);
    say(d3.scaleLinear([0, 10], ['red', '#0f0'])(3), d3.scaleTime([new Date(0), new Date(1e9)], [0, 1]).ticks(3), d3.format('.3s')(1234567), d3.utcFormat('%Y-%j %B')(new Date(1e12)), d3.csvParse('a,b\n1,"x,y"'));
    say(d3.line().curve(d3.curveCatmullRom)([[0, 0], [1, 2], [3, 1]]), d3.arc()({ innerRadius: 1, outerRadius: 2, startAngle: 0, endAngle: 2 }), d3.geoPath(d3.geoMercator())({ type: 'LineString', coordinates: [[0, 0], [10, 50]] }), d3.contours().size([3, 3])([0, 1, 0, 1, 2, 1, 0, 1, 0]).length);
    say(d3.treemap().size([10, 10])(d3.hierarchy({ children: [{ v: 1 }, { v: 3 }] }).sum((d) => d.v)).leaves().map((l) => [l.x0, l.y1]), d3.Delaunay.from([[0, 0], [1, 0], [0, 1], [1, 1]]).triangles, d3.rollup([1, 2, 3], (v) => d3.sum(v), (n) => n % 2).get(1), d3.interpolateViridis(0.3), Object.keys(d3).length);
  },
  async terser() {
    const { minify } = require(file);
    for (const code of ['function f(a, b) { if (a) { return b } else { return !b && a } } console.log(f(1, 2), [1, 2].map(x => x ** 2))', 'class A { static #x = 1; get y() { return A.#x } } export default new A().y ?? `t${1 + 1}`']) {
      say((await minify(code, { module: true, compress: { passes: 2 }, mangle: true })).code);
    }
    say(await minify('let a = ;').catch((e) => [e.message, e.line, e.col]));
  },
  three() {
    const T = require(file), camera = new T.PerspectiveCamera(50, 1.5, 0.1, 100);
    camera.position.set(1, 2, 3); camera.lookAt(0, 0, 0); camera.updateMatrixWorld();
    say(new T.Vector3(0.5, 0.2, 0).project(camera).toArray(), new T.Quaternion().setFromEuler(new T.Euler(1, 2, 3)).toArray(), new T.Color('hotpink').getHSL({}));
    const mesh = new T.Mesh(new T.TorusKnotGeometry(1, 0.3, 16, 6), new T.MeshStandardMaterial({ color: 0x123456 }));
    mesh.geometry.computeBoundingSphere(); mesh.updateMatrixWorld();
    say(mesh.geometry.boundingSphere.radius, new T.Raycaster(new T.Vector3(0, 0, 9), new T.Vector3(0, 0, -1)).intersectObject(mesh).length, new T.CatmullRomCurve3([new T.Vector3(), new T.Vector3(1, 2, 3), new T.Vector3(3, 0, 1)]).getPoint(0.4).toArray());
    say(T.ShapeUtils.triangulateShape([[0, 0], [2, 0], [2, 2], [0, 2]].map(([x, y]) => new T.Vector2(x, y)), []), T.ShaderLib.standard.fragmentShader.length, new T.Matrix4().makeRotationX(1).invert().elements);
  },
  victory() {
    browser();
    const V = require(file), React = require('react'), { renderToStaticMarkup } = require('react-dom/server');
    const data = [{ x: 1, y: 2 }, { x: 2, y: 3 }, { x: 3, y: 5 }];
    const chart = React.createElement(V.VictoryChart, { theme: V.VictoryTheme.material }, React.createElement(V.VictoryBar, { data }), React.createElement(V.VictoryLine, { data, interpolation: 'natural' }), React.createElement(V.VictoryAxis));
    say(renderToStaticMarkup(chart).replace(/victory-\w*-?\d+|id="[^"]*"|url\([^)]*\)/g, ''), renderToStaticMarkup(React.createElement(V.VictoryPie, { data })).replace(/id="[^"]*"/g, ''));
  },
  echarts() {
    // jsdom draws nothing; text is measured by its letters.
    browser().HTMLCanvasElement.prototype.getContext = () => ({ measureText: (text) => ({ width: text.length * 7 }) });
    const echarts = require(file), chart = echarts.init(document.getElementById('app'), null, { renderer: 'svg', width: 400, height: 300 });
    chart.setOption({ animation: false, xAxis: { type: 'category', data: ['a', 'b', 'c'] }, yAxis: {}, series: [{ type: 'bar', data: [1, 5, 2] }, { type: 'line', smooth: true, data: [2, 3, 4] }] });
    chart.getZr().flush();
    say(document.querySelector('svg').outerHTML.length, [...document.querySelectorAll('svg path')].map((p) => p.getAttribute('d')), [...document.querySelectorAll('svg text')].map((t) => t.textContent));
    chart.setOption({ xAxis: [{ show: false }], yAxis: [{ show: false }], series: [{ type: 'pie', data: [{ value: 1, name: 'x' }, { value: 2, name: 'y' }] }] }, true);
    chart.getZr().flush();
    say([...document.querySelectorAll('svg path')].map((p) => p.getAttribute('d')), echarts.format.formatTime('yyyy-MM-dd', new Date(2020, 1, 3)), echarts.color.lift('#123', 0.2));
  },
  antd() {
    browser();
    const A = require(file), React = require('react'), { renderToStaticMarkup } = require('react-dom/server'), h = React.createElement;
    const parts = [h(A.Button, { type: 'primary', loading: true }, 'ab'), h(A.Table, { columns: [{ title: 'N', dataIndex: 'n' }], dataSource: [{ key: 1, n: 2 }] }), h(A.Steps, { current: 1 }, h(A.Steps.Step, { title: 'a' }), h(A.Steps.Step, { title: 'b' })), h(A.Progress, { percent: 30 }), h(A.Pagination, { total: 50 }), h(A.Form, null, h(A.Form.Item, { label: 'x', required: true }, h(A.Input, { defaultValue: 'y' }))), h(A.Tag, { color: 'red' }, 't'), h(A.Rate, { defaultValue: 3 })];
    parts.forEach((p) => say(renderToStaticMarkup(p)));
    say(Object.keys(A).length);
  },
  typescript() {
    const ts = require(file);
    say(ts.transpileModule('enum E { A, B = "x" } class C<T> { constructor(private readonly a: T, public b?: E) {} @d m?() { return this.b ?? E.A } } export const f = async <T,>(x: T) => { for await (const y of [x]) yield_(y) }; namespace N { export let z = 1 }', { compilerOptions: { target: 'es5', module: 'commonjs', experimentalDecorators: true, lib: [] } }).outputText);
    const text = 'interface P { a: number; b?: string[] } function g<T extends keyof P>(p: P, k: T): P[T] { return p[k] } const x: string = g({ a: 1 }, "a"); type U<T> = T extends (infer V)[] ? V : never; let u: U<string[]> = 3; g({ b: 1 }, "c");';
    const host = { ...ts.createCompilerHost({}), getSourceFile: (n, v) => n === 'a.ts' ? ts.createSourceFile(n, text, v) : n.endsWith('.d.ts') ? ts.createSourceFile(n, ts.sys.readFile(require.resolve('typescript/lib/lib.es5.d.ts')), v) : undefined };
    say(ts.getPreEmitDiagnostics(ts.createProgram(['a.ts'], { strict: true, lib: ['lib.es5.d.ts'] }, host)).map((d) => ts.flattenDiagnosticMessageText(d.messageText, '\n')));
    say(ts.parseJsonConfigFileContent({ compilerOptions: { target: 'nope' } }, ts.sys, '.').errors.map((e) => e.code), ts.isIdentifierStart(97, 99));
  },
};
Promise.resolve(checks[name]()).then(() => process.exit(), (e) => { console.error(e); process.exit(1); });
