//Maya ASCII 2022 scene
//Name: set.ma
//Codeset: UTF-8
file -rdi 1 -ns "tree" -rfn "treeRN" -typ "mayaAscii" "../assets/tree.ma";
file -r -ns "tree" -dr 1 -rfn "treeRN" -typ "mayaAscii" "../assets/tree.ma";
requires maya "2022";
currentUnit -l centimeter -a degree -t pal;
fileInfo "product" "Maya 2022";
createNode transform -n "view";
createNode camera -n "viewShape" -p "view";
	setAttr ".rnd" no;
createNode file -n "bark";
	setAttr ".ftn" -type "string" "bark.png";
// End of set.ma
