namespace ZfsEsx.Core.Tests;

public class ByteSizeTests
{
    [Theory]
    [InlineData(0L, "0 B")]
    [InlineData(1023L, "1023 B")]
    [InlineData(1024L, "1 KB")]
    [InlineData(1536L, "1.5 KB")]
    [InlineData(274877906944L, "256 GB")]
    [InlineData(4155375616L, "3.87 GB")]
    [InlineData(long.MaxValue, "8 EB")]
    public void Prints_as_people_read_it(long bytes, string expected) =>
        Assert.Equal(expected, new ByteSize(bytes).ToString());

    [Fact]
    public void Compares_as_a_number()
    {
        ByteSize size = 2048;
        Assert.True(size > 1024);
        Assert.Equal(0, size.CompareTo((object)2048));
        Assert.True(size.CompareTo((object)4096.5) < 0);
        Assert.Throws<ArgumentException>(() => size.CompareTo(new object()));
        Assert.Equal(2048L, (long)size);
    }
}
