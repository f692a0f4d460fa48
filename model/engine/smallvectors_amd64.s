#include "go_asm.h"
#include "textflag.h"

// Registers of rankKeys: SI the table of a feature, BX its key, DI where its rank goes, CX the features that are left, R9 the blocks. Y0 has the key in every
// lane, Y5 the bit that signedKey turns.

// COUNT sets AX to twice the number of 16 ascending keys that are below the key: two bits a key are left of the comparisons, all below before all others.
#define COUNT(keys) \
	VPCMPGTQ (keys), Y0, Y1 \
	VPCMPGTQ 32(keys), Y0, Y2 \
	VPCMPGTQ 64(keys), Y0, Y3 \
	VPCMPGTQ 96(keys), Y0, Y4 \
	VPACKSSDW Y2, Y1, Y1 \
	VPACKSSDW Y4, Y3, Y3 \
	VPACKSSWB Y3, Y1, Y1 \
	VPMOVMSKB Y1, AX \
	POPCNTL AX, AX

// func rankKeys(tables *rankTable, blocks *rankBlock, keys *uint64, n int, ranks *byteLanes)
TEXT ·rankKeys(SB), NOSPLIT, $0-40
	MOVQ tables+0(FP), SI
	MOVQ blocks+8(FP), R9
	MOVQ keys+16(FP), BX
	MOVQ n+24(FP), CX
	MOVQ ranks+32(FP), DI
	MOVQ $0x8000000000000000, AX
	VMOVQ AX, X5
	VPBROADCASTQ X5, Y5

feature:
	VPBROADCASTQ (BX), Y0
	VPXOR Y5, Y0, Y0
	COUNT(SI)
	MOVQ rankTable_first(SI), R8
	ADDQ R9, R8
	LEAQ (AX*8), DX // 16 keys a block
	SHLQ $6, AX     // of 128 bytes
	ADDQ AX, R8
	COUNT(R8)
	SHRL $1, AX
	ADDL DX, AX
	MOVB AX, (DI)
	ADDQ $rankTable__size, SI
	ADDQ $8, BX
	INCQ DI
	DECQ CX
	JNZ feature
	VZEROUPPER
	RET

// Registers of fireLanes: SI the lanes of a slot, CX the slots of the page that are left, R8 those of the next pages, R9 the pages that are left, DI their ranks,
// DX the words. Y0 to Y7 are the planes of the leaves that are left, Y14 and Y15 the ranks of the first and the second half of the page, twice each, Y13 bit 7 of
// every byte.

// SPARE sets the bytes of Y8 to ones for the trees whose split does not fire, and to zeros for the others. VPSHUFB looks up by the low four bits and gives 0
// for a byte with bit 7, which says that the feature is in the second half.
#define SPARE \
	VMOVDQU (SI), Y8 \
	VPXOR Y13, Y8, Y9 \
	VPSHUFB Y8, Y14, Y8 \
	VPSHUFB Y9, Y15, Y9 \
	VPOR Y8, Y9, Y8 \
	VPSUBB 32(SI), Y8, Y8 \
	VPMINUB 64(SI), Y8, Y9 \
	VPCMPEQB Y8, Y9, Y8

// TAKE applies the masks of one plane.
#define TAKE(at, temporary, plane) \
	VPOR at(SI), Y8, temporary \
	VPAND temporary, plane, plane

// JOIN makes 32-bit words of the bytes of four planes: a then has those of the trees 0 to 3 and 16 to 19, b 4 to 7 and 20 to 23, and so on.
#define JOIN(a, b, c, d) \
	VPUNPCKLBW b, a, Y8 \
	VPUNPCKHBW b, a, Y9 \
	VPUNPCKLBW d, c, Y10 \
	VPUNPCKHBW d, c, Y11 \
	VPUNPCKLWD Y10, Y8, a \
	VPUNPCKHWD Y10, Y8, b \
	VPUNPCKLWD Y11, Y9, c \
	VPUNPCKHWD Y11, Y9, d

// STORE writes the words of eight trees, whose halves are in two registers: four at a place and four 16 trees behind it.
#define STORE(low, high, at) \
	VPUNPCKLDQ high, low, Y8 \
	VPUNPCKHDQ high, low, Y9 \
	VMOVDQU X8, at(DX) \
	VMOVDQU X9, at+16(DX) \
	VEXTRACTI128 $1, Y8, at+128(DX) \
	VEXTRACTI128 $1, Y9, at+144(DX)

DATA bit7<>+0(SB)/8, $0x8080808080808080
GLOBL bit7<>(SB), RODATA|NOPTR, $8

// func fireLanes(lanes *byteLanes, slots *int32, pages, planes int, ranks *byteLanes, words *[vectorLanes]uint64)
TEXT ·fireLanes(SB), NOSPLIT, $0-48
	MOVQ lanes+0(FP), SI
	MOVQ slots+8(FP), R8
	MOVQ pages+16(FP), R9
	MOVQ planes+24(FP), BX
	MOVQ ranks+32(FP), DI
	MOVQ words+40(FP), DX
	VPBROADCASTQ bit7<>(SB), Y13
	VPCMPEQB Y0, Y0, Y0
	VMOVDQA Y0, Y1
	VMOVDQA Y0, Y2
	VMOVDQA Y0, Y3
	VMOVDQA Y0, Y4
	VMOVDQA Y0, Y5
	VMOVDQA Y0, Y6
	VMOVDQA Y0, Y7

page:
	VBROADCASTI128 (DI), Y14
	VBROADCASTI128 16(DI), Y15
	MOVL (R8), CX
	TESTL CX, CX
	JZ next
	CMPQ BX, $4
	JNE eight

four:
	SPARE
	TAKE(96, Y9, Y0)
	TAKE(128, Y10, Y1)
	TAKE(160, Y11, Y2)
	TAKE(192, Y12, Y3)
	ADDQ $224, SI
	DECL CX
	JNZ four
	JMP next

eight:
	SPARE
	TAKE(96, Y9, Y0)
	TAKE(128, Y10, Y1)
	TAKE(160, Y11, Y2)
	TAKE(192, Y12, Y3)
	TAKE(224, Y9, Y4)
	TAKE(256, Y10, Y5)
	TAKE(288, Y11, Y6)
	TAKE(320, Y12, Y7)
	ADDQ $352, SI
	DECL CX
	JNZ eight

next:
	ADDQ $4, R8
	ADDQ $32, DI
	DECQ R9
	JNZ page
	JOIN(Y0, Y1, Y2, Y3)
	JOIN(Y4, Y5, Y6, Y7)
	STORE(Y0, Y4, 0)
	STORE(Y1, Y5, 32)
	STORE(Y2, Y6, 64)
	STORE(Y3, Y7, 96)
	VZEROUPPER
	RET
