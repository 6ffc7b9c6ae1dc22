<?xml version="1.0" encoding="UTF-8"?>
<!-- The same fields as xml.xml, a line a case, codes and dates translated. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text" encoding="UTF-8"/>
  <xsl:strip-space elements="*"/>

  <xsl:template name="moment">
    <xsl:param name="of"/>
    <xsl:if test="$of">
      <xsl:value-of select="concat(substring($of,1,4),'-',substring($of,5,2),'-',substring($of,7,2),'T',substring($of,9,2),':',substring($of,11,2),':',substring($of,13,2),'+08:00')"/>
    </xsl:if>
    <xsl:text>&#9;</xsl:text>
  </xsl:template>

  <xsl:template match="/events"><xsl:apply-templates select="event"/></xsl:template>

  <xsl:template match="event">
    <xsl:value-of select="concat('grid&#9;',ID,'&#9;')"/>
    <xsl:call-template name="moment"><xsl:with-param name="of" select="GXSJ"/></xsl:call-template>
    <xsl:value-of select="concat(SJLY,'&#9;',AJBH,'&#9;',SJMC,'&#9;',AJMS,'&#9;')"/>
    <xsl:choose>
      <xsl:when test="AJXL='0101' or AJXL='0102'">marriage</xsl:when>
      <xsl:when test="AJXL='0103'">neighbour</xsl:when>
      <xsl:when test="AJXL='0104'">land</xsl:when>
      <xsl:when test="AJXL='0105'">wage</xsl:when>
    </xsl:choose>
    <xsl:text>&#9;</xsl:text>
    <xsl:choose>
      <xsl:when test="BLZT='0'">waiting</xsl:when>
      <xsl:when test="BLZT='2' or SJZT &gt; 4">closed</xsl:when>
      <xsl:when test="SJZT='4'">returned</xsl:when>
      <xsl:otherwise>mediating</xsl:otherwise>
    </xsl:choose>
    <xsl:text>&#9;</xsl:text>
    <xsl:call-template name="moment"><xsl:with-param name="of" select="FSSJ"/></xsl:call-template>
    <xsl:call-template name="moment"><xsl:with-param name="of" select="SBSJ"/></xsl:call-template>
    <xsl:call-template name="moment"><xsl:with-param name="of" select="YYSJ"/></xsl:call-template>
    <xsl:value-of select="concat(FSDD,'&#9;',XZQH,'000000&#9;',ZJBM,'000&#9;',ZJMC,'&#9;',SQMC,'&#9;',JD,'&#9;',WD,'&#9;')"/>
    <xsl:value-of select="concat(SJRS,'&#9;',TJSBH,'&#9;',SBRXM,'&#9;',SBRLXFS,'&#9;',SJDJ,'&#9;',JJCD,'&#9;',SJJE,'&#9;',BZ,'&#9;',SCBS)"/>
    <xsl:apply-templates select="GXRS/GXR"/>
    <xsl:text>&#10;</xsl:text>
  </xsl:template>

  <xsl:template match="GXR">
    <xsl:text>&#9;</xsl:text>
    <xsl:choose><xsl:when test="RYLB='1'">applicant</xsl:when><xsl:otherwise>respondent</xsl:otherwise></xsl:choose>
    <xsl:value-of select="concat('&#9;',GXRXM,'&#9;')"/>
    <xsl:if test="GXRZJLX='111'">idcard</xsl:if>
    <xsl:value-of select="concat('&#9;',GXRZJH,'&#9;')"/>
    <xsl:choose><xsl:when test="GXRXB='1'">male</xsl:when><xsl:when test="GXRXB='2'">female</xsl:when></xsl:choose>
    <xsl:text>&#9;</xsl:text>
    <xsl:if test="GXRCSRQ"><xsl:value-of select="concat(substring(GXRCSRQ,1,4),'-',substring(GXRCSRQ,5,2),'-',substring(GXRCSRQ,7,2))"/></xsl:if>
    <xsl:text>&#9;</xsl:text>
    <xsl:if test="GXRLXFS != '无'"><xsl:value-of select="GXRLXFS"/></xsl:if>
    <xsl:value-of select="concat('&#9;',GXRDZ)"/>
  </xsl:template>
</xsl:stylesheet>
