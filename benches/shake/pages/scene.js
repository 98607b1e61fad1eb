import { Box3, BoxGeometry, Matrix4, Mesh, MeshBasicMaterial, PerspectiveCamera, Raycaster, Scene, Vector3 } from 'three';
import { say } from './say.js';

const scene = new Scene();
const cube = new Mesh(new BoxGeometry(1, 2, 3), new MeshBasicMaterial({ color: 0x2266aa }));
cube.position.set(1, 0, -5);
cube.rotateY(Math.PI / 4);
scene.add(cube);
scene.updateMatrixWorld(true);
const camera = new PerspectiveCamera(60, 16 / 9, 0.1, 100);
camera.updateMatrixWorld(true);
const round = (v) => v.toArray().map((n) => Math.round(n * 1e4) / 1e4);
say('box', round(new Box3().setFromObject(cube).getSize(new Vector3())));
say('projected', round(new Vector3().setFromMatrixPosition(cube.matrixWorld).project(camera)));
say('hits', new Raycaster(new Vector3(), new Vector3(0.2, 0, -1).normalize()).intersectObject(scene).length);
say('determinant', Math.round(new Matrix4().makeScale(1, 2, 3).determinant()));
say('done', 'scene');
