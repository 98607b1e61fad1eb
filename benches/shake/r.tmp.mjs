import { rollup } from 'rollup'; import { minify } from '@swc/core'; import { build } from 'esbuild'; import { rolldown } from 'rolldown'; import fs from 'node:fs';
const S='/tmp/shakesite/'; const E=['lodash','charts','scene','traps'];
const names = [E, ...E.map(e=>[e])];
const out={};
for (const n of names) {
  const b = await rollup({ input: n.map(e=>S+e+'.js'), preserveEntrySignatures:false, onwarn(){}, });
  const { output } = await b.generate({ format:'es', dir:'/tmp/ro' }); await b.write({format:'es',dir:'/tmp/ro/'+n.join('-')});
  let t=0; for (const c of output) if (c.code) t+=(await minify(c.code,{module:true,compress:{passes:2},mangle:true,sourceMap:false})).code.length;
  const r = await build({ entryPoints:n.map(e=>S+e+'.js'), bundle:true, splitting:true, minify:true, format:'esm', write:false, outdir:'/tmp/es' });
  const es=r.outputFiles.reduce((a,f)=>a+f.contents.length,0);
  const rd=await rolldown({input:n.map(e=>S+e+'.js'), logLevel:'silent', preserveEntrySignatures:false}); const ro=await rd.generate({minify:true,dir:'/tmp/rd'}); let rt=0; for(const c of ro.output) if(c.code) rt+=c.code.length;
  console.log(n.join(' '), 'rollup+swc', t, 'esbuild', es, 'rolldown', rt);
}
