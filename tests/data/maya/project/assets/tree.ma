//Maya ASCII 2022 scene
//Name: tree.ma
//Codeset: UTF-8
file -rdi 1 -ns "loop" -rfn "loopRN" -typ "mayaAscii" "D:/film//scenes/set.ma";
file -r -ns "loop" -dr 1 -rfn "loopRN" -typ "mayaAscii" "D:/film//scenes/set.ma";
requires maya "2022";
createNode file -n "leaf";
	setAttr ".ftn" -type "string" "LEAF.PNG";
// End of tree.ma
