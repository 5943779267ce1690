"""A small text of our own, from which a network learns to write."""

TEXT = """
a network knows nothing at first. its weights are small and random, and what it says is noise. we show it an example,
and it answers. the answer is wrong. we measure how wrong it is, and call that number the loss. then we ask of every
weight: if you were a little larger, would the loss be larger or smaller? the answer is the gradient. we move every
weight a small step against it, and show the next example. that is all. there is no other secret in it.

after a hundred steps the noise has a shape. after a thousand steps the shape has a meaning. the network has never been
told what a digit is, or what a word is, and still it finds strokes and loops, letters and spaces, because they make the
loss smaller. what helps is kept, and what does not help is washed away. so a river finds the sea: it does not know the
way, it only goes down.

the learning rate is the length of the step. when the step is too small, the river is slow. when the step is too large,
it leaps over the valley and climbs the other side, higher and higher, until the numbers are no numbers any more. a good
step is as long as the valley allows, and becomes shorter near the end. momentum remembers where we came from, so that
small stones on the way do not stop us. adam measures the ground under every weight, and gives each of them a step of its
own.

a layer takes numbers and gives numbers. a dense layer adds them up, each with a weight. a convolution looks through a
small window, and sees the same thing in every place. a recurrent layer reads one step after the other, and keeps in its
state what it has read so far. but the state is small, and the past is long, and what was read long ago fades. so the
cell was given gates. one gate says what to write, one gate says what to keep, one gate says what to tell. with gates the
network can remember the first word of a sentence until the last.

attention does not wait for its turn. every place asks a question, every place has a key, and where the key fits the
question the value is taken. one head looks at the letter before, another head looks at the start of the word. nobody
told them to. they found it, because it made the loss smaller.

you can read all of it here. the forward pass is the formula, the backward pass is its derivative, and both stand on one
page. change a number and look what happens. make it fail, and ask why it failed. what you can break and mend, you know.
"""

STORY = " ".join(TEXT.split())
CHARACTERS = "".join(sorted(set(STORY)))
