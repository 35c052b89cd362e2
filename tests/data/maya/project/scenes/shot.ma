//Maya ASCII 2023 scene
//Name: shot.ma
//Last modified: Mon, Jan 08, 2024 10:11:12 AM
//Codeset: 1252
file -rdi 1 -ns "set" -rfn "setRN" -op "v=0;" -typ "mayaAscii" "D:/film//scenes/set.ma";
file -rdi 2 -ns "tree" -rfn "set:treeRN" -op "v=0;" -typ "mayaAscii" "D:/film//assets/tree.ma";
file -rdi 1 -dr 1 -ns "old" -rfn "oldRN" -op "v=0;" -typ "mayaAscii" "D:/film//scenes/old.ma";
file -r -ns "set" -dr 1 -rfn "setRN" -op "v=0;" -typ "mayaAscii" "D:/film//scenes/set.ma";
requires maya "2023";
requires "stereoCamera" "10.0";
requires -nodeType "aiOptions" -nodeType "aiAOVDriver" -dataType "aiDataType" "mtoa" "5.1.0";
currentUnit -l centimeter -a degree -t pal;
fileInfo "application" "maya";
fileInfo "product" "Maya 2023";
fileInfo "version" "2023";
fileInfo "cutIdentifier" "202202161415-df43006fd3";
createNode transform -s -n "persp";
	rename -uid "00000000-0000-0000-0000-000000000001";
createNode camera -s -n "perspShape" -p "persp";
	rename -uid "00000000-0000-0000-0000-000000000002";
	setAttr -k off ".v" no;
	setAttr ".rnd" no;
	setAttr ".imn" -type "string" "persp_image";
createNode transform -n "shotCam";
	setAttr ".t" -type "double3" 0 4 12 ;
createNode camera -n "shotCamShape" -p "shotCam";
	setAttr -k off ".v";
createNode renderLayerManager -n "renderLayerManager";
createNode renderLayer -n "defaultRenderLayer";
	setAttr ".g" yes;
createNode renderLayer -n "beauty";
	setAttr ".do" 1;
	setAttr -s 2 ".adjs";
	setAttr ".adjs[0].val" 24;
createNode renderLayer -n "set:defaultRenderLayer";
	setAttr ".g" yes;
createNode reference -n "setRN";
	setAttr ".ed" -type "dataReferenceEdits" 
		"setRN"
		"setRN" 0
		"setRN" 2
		2 "|set:view|set:viewShape" "renderable" " 1"
		2 "set:bark" "fileTextureName" " -type \"string\" \"bark_wet.png\"";
lockNode -l 1 ;
createNode file -n "wood";
	setAttr ".ftn" -type "string" "wood.1001.tif";
	setAttr ".uvt" 3;
createNode file -n "plate";
	setAttr ".ftn" -type "string" "D:/film//sourceimages/plate.0101.exr";
	setAttr ".ufe" yes;
createNode expression -n "expression1";
	setAttr -k on ".nds";
	setAttr ".ixp" -type "string" ".O[0] = frame;";
createNode aiOptions -s -n "defaultArnoldRenderOptions";
createNode aiAOVDriver -s -n "defaultArnoldDriver";
	setAttr ".ai_translator" -type "string" "jpeg";
createNode script -n "sceneConfigurationScriptNode";
	setAttr ".b" -type "string" "playbackOptions -min 1 -max 50 -ast 1 -aet 100 ";
	setAttr ".st" 6;
createNode script -n "greeting";
	setAttr ".b" -type "string" "print(\"hello\\n\");\ncreateNode camera -n \"notThere\";";
	setAttr ".st" 1;
	setAttr ".stp" 1;
select -ne :time1;
	setAttr ".o" 7;
select -ne :defaultRenderGlobals;
	setAttr ".ren" -type "string" "arnold";
	setAttr ".outf" 51;
	setAttr ".imfkey" -type "string" "exr";
	setAttr ".an" yes;
	setAttr ".fs" 1;
	setAttr ".ef" 12;
	setAttr ".ifp" -type "string" "<Scene>/<RenderLayer>";
select -ne :defaultResolution;
	setAttr ".w" 1920;
	setAttr ".h" 1080;
	setAttr ".pa" 1;
select -ne :defaultColorMgtGlobals;
	setAttr ".cfe" yes;
	setAttr ".cfp" -type "string" "<MAYA_RESOURCES>/OCIO-configs/Maya2022-default/config.ocio";
	setAttr ".wsn" -type "string" "ACEScg";
connectAttr "renderLayerManager.rlmi[0]" "defaultRenderLayer.rlid";
connectAttr "renderLayerManager.rlmi[1]" "beauty.rlid";
connectAttr "set:renderLayerManager.rlmi[0]" "set:defaultRenderLayer.rlid";
connectAttr ":defaultRenderGlobals.ef" "beauty.adjs[0].plg";
connectAttr "expression1.out[0]" "plate.fe";
// End of shot.ma
