using ZfsEsx.Replication;

namespace ZfsEsx.Core.Tests.Replication;

public class RingOrderTests
{
    /// <summary>Given names; edges as "from>to"; the ring that comes out.</summary>
    [Theory]
    [InlineData("a b c", "", "a b c")]
    [InlineData("a b c", "a>b b>c c>a", "a b c")]
    [InlineData("a c b", "a>b b>c c>a", "a b c")] // what there is counts
    [InlineData("b a c", "a>b b>c c>a", "b c a")]
    [InlineData("a c", "a>b b>c c>a", "a c")] // b is lost
    [InlineData("a b c", "a>c c>a b>c", "a b c")] // and comes back
    [InlineData("b a c", "a>c c>a b>c", "b c a")]
    [InlineData("a b c d", "a>b b>c c>a", "a b c d")] // a new one at the end
    [InlineData("a d b c", "a>b b>c c>a", "a d b c")] // or between
    [InlineData("d a b c", "a>b b>c c>a", "d a b c")]
    [InlineData("a b", "a>b b>a", "a b")]
    [InlineData("a b c d", "a>b c>d", "a b c d")]
    [InlineData("a c b d", "a>b c>d", "a b c d")]
    [InlineData("a b c d", "a>b b>a c>d d>c", "a b c d")] // two rings become one
    [InlineData("a b c", "a>c a>b b>c c>a", "a b c")] // sends to two: the next one given
    [InlineData("d e", "", "d e")]
    public void TheOrderIsDerived(string given, string edges, string ring)
    {
        string[] names = given.Split(' ');
        IReadOnlyList<string>[] to = [.. names.Select(n => (IReadOnlyList<string>)
        [
            .. edges.Split(' ')
                .Where(e => e.StartsWith(n + ">", StringComparison.Ordinal))
                .Select(e => e.Substring(2))
        ])];
        Assert.Equal(ring, string.Join(" ", RingOrder.Derive(names, to).Select(i => names[i])));
    }

    [Fact]
    public void WhateverIsThereEachComesOnce()
    {
        Random random = new(7);
        for (int round = 0; round < 2000; round++)
        {
            string[] names = [.. "abcdefg".Substring(0, random.Next(2, 8)).Select(c => c.ToString())];
            IReadOnlyList<string>[] to = [.. names.Select(_ => (IReadOnlyList<string>)
                [.. Enumerable.Range(0, random.Next(4)).Select(_ => "abcdefgh"[random.Next(8)].ToString())])];
            IReadOnlyList<int> order = RingOrder.Derive(names, to);
            Assert.Equal(Enumerable.Range(0, names.Length), order.OrderBy(i => i));
            Assert.Equal(0, order[0]);
        }
    }
}
